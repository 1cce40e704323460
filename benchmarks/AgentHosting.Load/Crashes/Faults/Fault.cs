namespace AgentHosting.Load.Crashes.Faults;

/// <summary>What was done to a worker.</summary>
/// <param name="Kind">kill, stop, cut_off, failover or memory_full.</param>
/// <param name="Worker">Its process id; 0 for all.</param>
/// <param name="At">Just before it was done.</param>
internal sealed record Fault(string Kind, int Worker, DateTimeOffset At)
{
    public const string Kill = "kill";
    public const string Stop = "stop";

    /// <summary>Redis is out of its reach, and of no other worker's.</summary>
    public const string CutOff = "cut_off";

    /// <summary>The primary is killed, and a replica that lags takes its place.</summary>
    public const string Failover = "failover";

    /// <summary>Redis has less memory than it uses.</summary>
    public const string Full = "memory_full";

    /// <summary>Of a failover: until when something could be acknowledged that the new primary has not got, from <see cref="At"/> on.</summary>
    public DateTimeOffset? Lost { get; init; }

    /// <summary>When it was over, where that is known.</summary>
    public DateTimeOffset? Until { get; init; }
}
