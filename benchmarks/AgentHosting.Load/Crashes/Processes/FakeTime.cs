using System.Globalization;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>Another time of day for a process, by libfaketime. Monotonic clocks, by which waits are measured, are left alone.</summary>
internal static class FakeTime
{
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime"];

    public static void Set(IDictionary<string, string?> environment, TimeSpan offset)
    {
        environment["LD_PRELOAD"] = Library();
        environment["FAKETIME"] = Text(offset);
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        // Else waits with a time limit end at once.
        environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }

    /// <summary>
    /// Words for the shell before <c>redis-server</c>, which gets its time by a file that <see cref="Write"/> writes, also while it runs. The C library stands before jemalloc, which
    /// asks for the time while libfaketime begins, and would wait for it for ever.
    /// </summary>
    public static string BeforeRedis(string file) =>
        $"LD_PRELOAD='{Library()} libc.so.6' FAKETIME_TIMESTAMP_FILE='{file}' FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0 ";

    /// <summary>How far the clock is off, from a second later on.</summary>
    public static void Write(string file, TimeSpan offset)
    {
        // At once: half a file would be another time.
        var next = file + ".next";
        File.WriteAllText(next, Text(offset));
        File.Move(next, file, overwrite: true);
    }

    private static string Library() => Folders.Select(static folder => Path.Combine(folder, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("libfaketime is not there. Install it: apt-get install faketime, dnf install libfaketime.");

    private static string Text(TimeSpan offset) => string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0}");
}
