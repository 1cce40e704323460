using System.Globalization;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>Another time for a process, by libfaketime. Monotonic clocks, by which waits are measured, are left alone.</summary>
internal static class FakeTime
{
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime"];

    /// <summary>For a process whose clock is off by the same time all along.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(TimeSpan offset) => [.. Common(), new("FAKETIME", Text(offset))];

    /// <summary>For a process that reads the offset from a file, again every second.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(string file) => [.. Common(), new("FAKETIME_TIMESTAMP_FILE", file), new("FAKETIME_CACHE_DURATION", "1")];

    public static string Text(TimeSpan offset) => string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? "" : "+")}{offset.TotalSeconds:0}");

    private static KeyValuePair<string, string>[] Common() =>
    [
        new("LD_PRELOAD", Library()),
        new("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        new("DONT_FAKE_MONOTONIC", "1"),
    ];

    private static string Library() => Folders.Select(static folder => Path.Combine(folder, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("libfaketime is not there. Install it: apt-get install faketime, dnf install libfaketime.");
}
