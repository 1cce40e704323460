using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>All that is known when the load is over.</summary>
internal sealed class CrashEvidence
{
    public required IReadOnlyList<CrashSubmission> Submissions { get; init; }

    public required IReadOnlyDictionary<string, AgentRun> Runs { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<AgentRunEvent>> Events { get; init; }

    /// <summary>Conversations by the name of their session.</summary>
    public required IReadOnlyDictionary<string, AgentConversation?> Sessions { get; init; }

    /// <summary>The calls that the oracle had, by run, in order.</summary>
    public required ILookup<string, OracleCall> Calls { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>When what was acknowledged may have been lost; nothing of it where <see cref="MayLoseCommitted"/> is not set.</summary>
    public required LossWindows Losses { get; init; }

    /// <summary>Whether a failover may lose what was acknowledged just before it.</summary>
    public required bool MayLoseCommitted { get; init; }

    /// <summary>Sessions that a lost run belonged to: they have their turns in another order, or not at all.</summary>
    public IReadOnlySet<string> TouchedSessions => field ??= Submissions
        .Where(submission => submission.Request.SessionId is not null && MayLoseCommitted && (submission.Lost.Count > 0 || submission.RunId is not { } id || !Runs.ContainsKey(id)))
        .Select(static submission => submission.Request.SessionId!)
        .ToHashSet(StringComparer.Ordinal);
}
