using System.Globalization;
using AgentHosting.AspNetCore.Internal;
using AgentHosting.AspNetCore.Streaming;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Streams the events of runs.</summary>
internal sealed class RunStreamEndpoints(AgentEndpointOptions options)
{
    private const string LastEventIdHeader = "Last-Event-ID";
    private const string AfterParameter = "after";

    public async Task SubmitAsync(HttpContext context)
    {
        if (await RunSubmitter.SubmitAsync(context, options) is not { } submission)
        {
            return;
        }

        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        // An idempotency key is remembered for longer than its run.
        if (submission.Replayed && await client.GetAsync(submission.RunId, context.RequestAborted) is null)
        {
            await RunFinder.WriteNotFoundAsync(context);
            return;
        }

        context.Response.Headers["X-Task-Id"] = submission.RunId;
        using var stop = CreateStop(context);
        await using var events = client.WatchAsync(submission.RunId, 0, stop.Token).GetAsyncEnumerator(stop.Token);
        await CopyAsync(context, submission.RunId, events, first: null, stop);
    }

    public async Task WatchAsync(HttpContext context)
    {
        var errors = new FieldErrors();
        var after = ReadAfter(context.Request, errors);
        if (errors.Any)
        {
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
            return;
        }

        if (await RunFinder.FindAsync(context, options) is not { } run)
        {
            return;
        }

        if (after > 0 && !run.Status.IsTerminal() && await LastSequenceAsync(context, run.Id) is { } last && after > last)
        {
            errors.Add(LastEventIdHeader, string.Create(CultureInfo.InvariantCulture, $"It is {after}, and the run's newest event is {last}. Send the number of an event of this run."));
            await ProblemResponse.WriteInvalidAsync(context, errors.ToDictionary());
            return;
        }

        using var stop = CreateStop(context);
        var client = context.RequestServices.GetRequiredService<IAgentRunClient>();
        await using var events = client.WatchAsync(run.Id, after, stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? first = null;
        if (run.Status.IsTerminal())
        {
            first = events.MoveNextAsync().AsTask();
            if (!await first)
            {
                // For an EventSource 204 means: do not connect again.
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }

        await CopyAsync(context, run.Id, events, first, stop);
    }

    private async Task CopyAsync(HttpContext context, string runId, IAsyncEnumerator<AgentRunEvent> events, Task<bool>? first, CancellationTokenSource stop)
    {
        try
        {
            using var writer = await SseWriter.StartAsync(context, EndpointJsonContext.Wire.Options.Encoder, stop.Token);
            var timeProvider = context.RequestServices.GetRequiredService<TimeProvider>();
            await new EventTail(writer, options.PingInterval, timeProvider).CopyAsync(runId, events, first, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // The host stops. A stream that ends in order makes the client resume at another replica, and does not hold up the shutdown.
        }
    }

    private static async ValueTask<long?> LastSequenceAsync(HttpContext context, string runId)
    {
        var store = context.RequestServices.GetRequiredService<IRunStore>();
        return (await store.ReadEventsAsync(runId, 0, 1, context.RequestAborted))?.LastSequence;
    }

    private static CancellationTokenSource CreateStop(HttpContext context)
    {
        var lifetime = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        return CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
    }

    /// <summary>The header wins: a browser that reconnects sends it along with the address it was given at first.</summary>
    private static long ReadAfter(HttpRequest request, FieldErrors errors)
    {
        var header = request.Headers[LastEventIdHeader];
        return header.Count > 0
            ? ParseNumber(LastEventIdHeader, header, errors)
            : request.Query.TryGetValue(AfterParameter, out var query) ? ParseNumber(AfterParameter, query, errors) : 0;
    }

    private static long ParseNumber(string field, StringValues values, FieldErrors errors)
    {
        if (values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        errors.Add(field, $"It is '{JsonFieldReader.Shorten(values.ToString())}'. Send the number of the last event seen, an integer from 0.");
        return 0;
    }
}
