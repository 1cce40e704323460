using System.Collections.Concurrent;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>Reads from the store and from the oracle's file all that the checks need.</summary>
internal static class EvidenceReader
{
    private const int EventsAPage = 1000;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    public static async Task<CrashEvidence> ReadAsync(
        IServiceProvider services, IReadOnlyList<CrashSubmission> submissions, string oracleLog, IReadOnlyList<Fault> faults, bool mayLose, CancellationToken cancellationToken)
    {
        var store = services.GetRequiredService<IRunStore>();
        await AllEndedAsync(store, cancellationToken);
        var runs = new ConcurrentDictionary<string, AgentRun>(StringComparer.Ordinal);
        var events = new ConcurrentDictionary<string, IReadOnlyList<AgentRunEvent>>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(await ListAsync(services.GetRequiredService<IAgentRunAdmin>(), cancellationToken), parallel, async (run, token) =>
        {
            runs[run.Id] = await store.GetAsync(run.Id, token) ?? run;
            events[run.Id] = await EventsAsync(store, run.Id, token);
        });
        var sessions = new ConcurrentDictionary<string, AgentConversation?>(StringComparer.Ordinal);
        var reader = services.GetRequiredService<IAgentSessionClient>();
        await Parallel.ForEachAsync(submissions.Where(static submission => submission.Request.SessionId is not null).DistinctBy(static submission => submission.Request.SessionId), parallel, async (submission, token) =>
            sessions[submission.Request.SessionId!] = await reader.GetAsync(submission.Request.Identity, submission.Request.SessionId!, token));
        return new CrashEvidence
        {
            Submissions = submissions,
            Runs = runs,
            Events = events,
            Sessions = sessions,
            Calls = OracleLog.Read(oracleLog).ToLookup(static call => call.Run, StringComparer.Ordinal),
            Faults = faults,
            Losses = new LossWindows(faults),
            MayLoseCommitted = mayLose,
        };
    }

    /// <summary>An end that a client saw may be lost, and the run goes on. After the last fault the store may still be away for a moment.</summary>
    private static async Task AllEndedAsync(IRunStore store, CancellationToken cancellationToken)
    {
        var limit = TimeProvider.System.GetUtcNow() + EndLimit;
        while (await MayGoOnAsync(store, isLast: TimeProvider.System.GetUtcNow() >= limit, cancellationToken) && TimeProvider.System.GetUtcNow() < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> MayGoOnAsync(IRunStore store, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetStatisticsAsync(cancellationToken) is { Ready: > 0 } or { Blocked: > 0 } or { Running: > 0 };
        }
        catch (RunStoreUnavailableException) when (!isLast)
        {
            return true;
        }
    }

    private static async Task<List<AgentRun>> ListAsync(IAgentRunAdmin admin, CancellationToken cancellationToken)
    {
        var runs = new List<AgentRun>();
        string? after = null;
        do
        {
            var page = await admin.ListAsync(new RunQuery { After = after, PageSize = 200 }, cancellationToken);
            runs.AddRange(page.Runs);
            after = page.Next;
        }
        while (after is not null);
        return runs;
    }

    private static async Task<IReadOnlyList<AgentRunEvent>> EventsAsync(IRunStore store, string runId, CancellationToken cancellationToken)
    {
        var events = new List<AgentRunEvent>();
        while (await store.ReadEventsAsync(runId, events.Count, EventsAPage, cancellationToken) is { Events.Count: > 0 } page)
        {
            events.AddRange(page.Events);
        }

        return events;
    }
}
