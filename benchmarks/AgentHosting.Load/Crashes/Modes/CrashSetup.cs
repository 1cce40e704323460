using AgentHosting.Load.Options;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>What the command line says, for a mode.</summary>
internal sealed class CrashSetup
{
    public required LoadOptions Options { get; init; }

    public required CrashTiming Timing { get; init; }

    /// <summary>Where logs and data go.</summary>
    public required string Folder { get; init; }

    /// <summary>The dice of the fault plan.</summary>
    public required Random Random { get; init; }

    public int Faults => Options.Number("faults");

    /// <summary>From one fault to the next, on average.</summary>
    public TimeSpan Interval => TimeSpan.FromMilliseconds(Options.Number("interval-ms"));
}
