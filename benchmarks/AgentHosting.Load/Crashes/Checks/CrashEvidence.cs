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
}
