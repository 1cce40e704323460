using AgentHosting.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Looks now and then for reservations whose process died, and lets the ledger forget what has aged.</summary>
internal sealed partial class SpendJanitor(
    ISpendLedger ledger, ISpendFindingListener listener, TimeProvider timeProvider, IOptions<SpendLedgerOptions> options, ILogger<SpendJanitor> logger) : BackgroundService
{
    private const int Batch = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                SpendSweepResult result;
                do
                {
                    result = await ledger.SweepAsync(Batch, stoppingToken);
                    listener.Tell(result.Crossings, result.Anomalies);
                }
                // A full batch means that more is waiting.
                while (result.Charged == Batch && !stoppingToken.IsCancellationRequested);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(EventIds.SpendSweepFailed, LogLevel.Error, "The ledger could not be swept. The janitor tries again.", EventName = "SpendSweepFailed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
