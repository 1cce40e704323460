using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>Says in the worker's log, once a second, what its health check of Redis says.</summary>
internal sealed class HealthRecorder(HealthCheckService health) : BackgroundService
{
    private const string Mark = "health-of-redis";

    /// <summary>What the worker said of itself, in order.</summary>
    public static IReadOnlyList<(DateTimeOffset At, HealthStatus Status)> Read(string folder, int worker)
    {
        var said = new List<(DateTimeOffset At, HealthStatus Status)>();
        foreach (var line in Directory.EnumerateFiles(folder, "worker-*.log").SelectMany(File.ReadLines))
        {
            if (line.Split(' ') is [Mark, var id, var at, var status] && id == worker.ToString(CultureInfo.InvariantCulture))
            {
                said.Add((DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), Enum.Parse<HealthStatus>(status)));
            }
        }

        return said;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var report = await health.CheckHealthAsync(static registration => registration.Tags.Contains("redis"), stoppingToken);
            await Console.Error.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"{Mark} {Environment.ProcessId} {TimeProvider.System.GetUtcNow():O} {report.Status}").AsMemory(), stoppingToken);
        }
    }
}
