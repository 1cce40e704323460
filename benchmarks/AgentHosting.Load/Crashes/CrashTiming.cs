using System.Globalization;
using AgentHosting.Load.Options;

namespace AgentHosting.Load.Crashes;

/// <summary>What workers are set to.</summary>
internal sealed class CrashTiming(LoadOptions options, int defaultLeaseMilliseconds = 0)
{
    private static readonly string[] Names = ["drain-ms", "sweep-ms", "slots"];

    public static IReadOnlyList<LoadOption> Options { get; } =
    [
        new("lease-ms", "0", "milliseconds of a worker's lease on a run; 0 for that of the mode: mostly 5000"),
        new("drain-ms", "10000", "milliseconds that a worker lets its runs go on when it is asked to end"),
        new("sweep-ms", "1000", "milliseconds between two looks for leases that have ended"),
        new("slots", "16", "runs that a worker executes at once"),
    ];

    public TimeSpan Lease { get; } = TimeSpan.FromMilliseconds(LeaseOf(options, defaultLeaseMilliseconds));

    public TimeSpan Drain { get; } = TimeSpan.FromMilliseconds(options.Number("drain-ms"));

    public TimeSpan Sweep { get; } = TimeSpan.FromMilliseconds(options.Number("sweep-ms"));

    public int Slots { get; } = options.Number("slots");

    /// <summary>The same for another process.</summary>
    public IEnumerable<string> Arguments { get; } =
    [
        "--lease-ms", LeaseOf(options, defaultLeaseMilliseconds).ToString(CultureInfo.InvariantCulture),
        .. Names.SelectMany(name => new[] { "--" + name, options.Number(name).ToString(CultureInfo.InvariantCulture) }),
    ];

    private static int LeaseOf(LoadOptions options, int defaultMilliseconds) => options.Number("lease-ms") is > 0 and var given ? given : defaultMilliseconds;
}
