using System.Globalization;
using System.Runtime.InteropServices;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>In a worker: takes the thread pool, or the processor, from it when a signal says so.</summary>
internal static class Starvation
{
    /// <summary>SIGUSR1: blocks the pool.</summary>
    public const int BlockPool = 10;

    /// <summary>SIGUSR2: threads that compute and never wait.</summary>
    public const int BurnProcessor = 12;

    private const string Settings = "AGENTHOSTING_LOAD_STARVATION";
    private const int BusyThreads = 8;
    private static readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>What a worker's environment must hold: so many items, each so long.</summary>
    public static void Prepare(IDictionary<string, string?> environment, int items, TimeSpan time) =>
        environment[Settings] = string.Create(CultureInfo.InvariantCulture, $"{items} {time.TotalMilliseconds:0}");

    public static void Listen()
    {
        var parts = Environment.GetEnvironmentVariable(Settings)!.Split(' ');
        var (items, time) = (int.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(int.Parse(parts[1], CultureInfo.InvariantCulture)));
        _registrations.Add(PosixSignalRegistration.Create((PosixSignal)BlockPool, context => Answer(context, () => Block(items, time))));
        _registrations.Add(PosixSignalRegistration.Create((PosixSignal)BurnProcessor, context => Answer(context, () => Burn(time))));
    }

    private static void Answer(PosixSignalContext context, Action work)
    {
        context.Cancel = true;
        work();
    }

    private static void Block(int items, TimeSpan time)
    {
        for (var i = 0; i < items; i++)
        {
            // As a tool does that waits for a socket without await.
            ThreadPool.UnsafeQueueUserWorkItem(static time => new ManualResetEventSlim().Wait(time, CancellationToken.None), time, preferLocal: false);
        }
    }

    private static void Burn(TimeSpan time)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < BusyThreads; i++)
        {
            new Thread(() =>
            {
                while (TimeProvider.System.GetElapsedTime(started) < time)
                {
                    Thread.SpinWait(1000);
                }
            }) { IsBackground = true }.Start();
        }
    }
}
