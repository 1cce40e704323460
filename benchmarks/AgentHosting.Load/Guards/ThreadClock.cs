using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AgentHosting.Load.Guards;

/// <summary>How long this thread has run on a processor: other programs on the machine add nothing to it but cold caches.</summary>
internal static class ThreadClock
{
    private const int LinuxThreadClock = 3;
    private const int AppleThreadClock = 16;

    /// <summary>The time of this thread. Where the system has no such clock it is that of the wall.</summary>
    public static TimeSpan Now
    {
        get
        {
            var clock = OperatingSystem.IsLinux() ? LinuxThreadClock : OperatingSystem.IsMacOS() ? AppleThreadClock : -1;
            return clock >= 0 && ClockGetTime(clock, out var time) == 0
                ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick)
                : Stopwatch.GetElapsedTime(0);
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
