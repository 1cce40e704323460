using System.Globalization;
using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Holds a status request until its run has ended or waits for an answer, or the caller's time is up.</summary>
internal static class RunWaiter
{
    public const string Parameter = "wait";
    public const int MaxSeconds = 60;

    public static TimeSpan ReadWait(HttpRequest request, FieldErrors errors)
    {
        if (!request.Query.TryGetValue(Parameter, out var values))
        {
            return TimeSpan.Zero;
        }

        if (values.Count == 1 && double.TryParse(values[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= MaxSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        errors.Add(Parameter, string.Create(CultureInfo.InvariantCulture, $"It is '{JsonFieldReader.Shorten(values.ToString())}'. Send a number of seconds from 0 to {MaxSeconds}."));
        return TimeSpan.Zero;
    }

    /// <returns>The run as it is at the end of the wait.</returns>
    public static async ValueTask<AgentRun> UntilSettledAsync(HttpContext context, AgentRun run, TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero || IsSettled(run))
        {
            return run;
        }

        var services = context.RequestServices;
        var client = services.GetRequiredService<IAgentRunClient>();
        using var timeUp = new CancellationTokenSource(wait, services.GetRequiredService<TimeProvider>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, timeUp.Token);
        try
        {
            // What has happened up to this event is seen by the read that follows, all later in the events that follow it.
            var seen = (await services.GetRequiredService<IRunStore>().ReadEventsAsync(run.Id, 0, 1, stop.Token))?.LastSequence ?? 0;
            run = await client.GetAsync(run.Id, stop.Token) ?? run;
            if (IsSettled(run))
            {
                return run;
            }

            await foreach (var runEvent in client.WatchAsync(run.Id, seen, stop.Token))
            {
                if (MaySettle(runEvent) && await client.GetAsync(run.Id, stop.Token) is { } now && IsSettled(now))
                {
                    return now;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // The caller's time is up, or the host stops: the answer is how the run stands.
        }

        return await client.GetAsync(run.Id, context.RequestAborted) ?? run;
    }

    private static bool IsSettled(AgentRun run) => run.Status == AgentRunStatus.Waiting || run.Status.IsTerminal();

    // A snapshot stands for events that are no longer kept.
    private static bool MaySettle(AgentRunEvent runEvent) => runEvent.Type is AgentRunEventTypes.RunWaiting or AgentRunEventTypes.Snapshot
        or AgentRunEventTypes.RunCompleted or AgentRunEventTypes.RunFailed or AgentRunEventTypes.RunCancelled or AgentRunEventTypes.RunExpired;
}
