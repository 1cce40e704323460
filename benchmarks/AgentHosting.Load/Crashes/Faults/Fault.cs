namespace AgentHosting.Load.Crashes.Faults;

/// <summary>What was done to a worker.</summary>
/// <param name="Kind">kill or stop.</param>
/// <param name="Worker">Its process id.</param>
/// <param name="At">Just before it was done.</param>
internal sealed record Fault(string Kind, int Worker, DateTimeOffset At)
{
    public const string Kill = "kill";
    public const string Stop = "stop";
}
