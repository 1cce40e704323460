using System.Globalization;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>Another time of day for a process, by libfaketime. Monotonic clocks, by which waits are measured, are left alone.</summary>
internal static class FakeTime
{
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime"];

    public static void Set(IDictionary<string, string?> environment, TimeSpan offset)
    {
        environment["LD_PRELOAD"] = Folders.Select(static folder => Path.Combine(folder, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("libfaketime is not there. Install it: apt-get install faketime, dnf install libfaketime.");
        environment["FAKETIME"] = string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0}");
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        // Else waits with a time limit end at once.
        environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }
}
