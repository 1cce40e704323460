using AgentHosting.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Sweeps the store now and then: runs of dead workers, runs whose time is up, records past their retention. Then it tells metrics what is in it.</summary>
internal sealed partial class RunJanitor(
    IRunStore store, TimeProvider timeProvider, IOptions<AgentWorkerOptions> options, RunMetrics metrics, ILogger<RunJanitor> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var request = new RunSweepRequest { MaxCrashes = options.Value.MaxCrashes };
        using var timer = new PeriodicTimer(options.Value.SweepInterval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var result = await store.SweepAsync(request, stoppingToken);
                // A full batch means that more is waiting.
                while (IsFull(result, request.Limit) && !stoppingToken.IsCancellationRequested)
                {
                    result = await store.SweepAsync(request, stoppingToken);
                }

                if (metrics.IsEnabled)
                {
                    metrics.Record(await store.GetStatisticsAsync(stoppingToken));
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private static bool IsFull(RunSweepResult result, int limit) =>
        result.Recovered + result.Failed + result.Cancelled >= limit || result.Expired >= limit || result.Removed >= limit;

    [LoggerMessage(EventIds.RunJanitorError, LogLevel.Error, "The store could not be swept. The janitor tries again.", EventName = "SweepFailed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
