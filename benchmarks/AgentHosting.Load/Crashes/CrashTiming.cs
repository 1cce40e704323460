using System.Globalization;
using AgentHosting.Load.Options;

namespace AgentHosting.Load.Crashes;

/// <summary>What workers are set to.</summary>
internal sealed class CrashTiming(LoadOptions options)
{
    private static readonly string[] Names = ["lease-ms", "drain-ms", "sweep-ms", "slots"];

    public static IReadOnlyList<LoadOption> Options { get; } =
    [
        new("lease-ms", "5000", "milliseconds of a worker's lease on a run"),
        new("drain-ms", "10000", "milliseconds that a worker lets its runs go on when it is asked to end"),
        new("sweep-ms", "1000", "milliseconds between two looks for leases that have ended"),
        new("slots", "16", "runs that a worker executes at once"),
    ];

    public TimeSpan Lease { get; } = TimeSpan.FromMilliseconds(options.Number("lease-ms"));

    public TimeSpan Drain { get; } = TimeSpan.FromMilliseconds(options.Number("drain-ms"));

    public TimeSpan Sweep { get; } = TimeSpan.FromMilliseconds(options.Number("sweep-ms"));

    public int Slots { get; } = options.Number("slots");

    /// <summary>The same for another process.</summary>
    public IEnumerable<string> Arguments { get; } =
        [.. Names.SelectMany(name => new[] { "--" + name, options.Number(name).ToString(CultureInfo.InvariantCulture) })];
}
