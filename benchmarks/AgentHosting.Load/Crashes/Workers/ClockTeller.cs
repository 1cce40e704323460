using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>In a worker: says in its log how far its clock is from that of the machine, by a file that the machine writes.</summary>
internal sealed class ClockTeller : IHostedService
{
    private const string Mark = "clock is off by ";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The kernel's own word, which no library between can change: seconds since 1970 when the machine started, and seconds since then.
        var started = long.Parse(File.ReadLines("/proc/stat").First(static line => line.StartsWith("btime ", StringComparison.Ordinal)).AsSpan(6), CultureInfo.InvariantCulture);
        var up = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var off = TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch.AddSeconds(started + up);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Mark}{off.TotalSeconds:0}"));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public static TimeSpan? Read(string line) =>
        line.StartsWith(Mark, StringComparison.Ordinal) ? TimeSpan.FromSeconds(double.Parse(line.AsSpan(Mark.Length), CultureInfo.InvariantCulture)) : null;
}
