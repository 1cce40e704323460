namespace AgentHosting.Load.Crashes.Faults;

/// <summary>What was done to a worker.</summary>
/// <param name="Kind">kill, stop or cut_off.</param>
/// <param name="Worker">Its process id.</param>
/// <param name="At">Just before it was done.</param>
internal sealed record Fault(string Kind, int Worker, DateTimeOffset At)
{
    public const string Kill = "kill";
    public const string Stop = "stop";

    /// <summary>Redis is out of its reach, and of no other worker's.</summary>
    public const string CutOff = "cut_off";

    /// <summary>When it was over, where that is known.</summary>
    public DateTimeOffset? Until { get; init; }
}
