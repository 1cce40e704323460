using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Oracle;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>When something could be acknowledged that a failover then lost: the replica lagged, and the primary still answered.</summary>
internal sealed class LossWindows(IReadOnlyList<Fault> faults)
{
    // Replication takes a moment also where nothing holds it up, and the clocks of the evidence are read a moment before or after.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(300);
    // A call is committed when it has ended, which takes longer on a busy machine.
    private static readonly TimeSpan SlackOfCalls = TimeSpan.FromSeconds(2);
    private readonly Fault[] _failovers = [.. faults.Where(static fault => fault.Kind == Fault.Failover)];

    /// <summary>Whether something that was acknowledged at a time may be lost.</summary>
    public bool Covers(DateTimeOffset acknowledged) => _failovers.Any(fault => acknowledged > fault.At - Slack && acknowledged < fault.Lost!.Value + Slack);

    /// <summary>Whether the step that a call belongs to may have been committed and lost.</summary>
    public bool CoversEndOf(OracleCall call) => _failovers.Any(fault => call.Time + call.Took > fault.At - SlackOfCalls && call.Time < fault.Lost!.Value + Slack);

    /// <summary>Whether a call may be made again since what it came to, or what was noted before it, was lost between the two.</summary>
    public bool Explain(OracleCall first, OracleCall again) => _failovers.Any(fault => first.Time + first.Took > fault.At - SlackOfCalls && first.Time < fault.Until!.Value + Slack && again.Time > fault.Lost!.Value - Slack);
}
