using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>Keeps the leases of a worker's attempts, all in one call, and passes on what the store says about them. It never ends on an error.</summary>
internal sealed partial class LeaseRenewer(
    IRunStore store, Func<IEnumerable<RunAttempt>> attempts, TimeProvider timeProvider, TimeSpan leaseDuration, ILogger logger)
{
    // After this share of a lease without a good renewal another worker may be about to take over, so this one stops first.
    private const double SelfFenceAfter = 0.8;
    private const int RenewalsPerLease = 3;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var interval = leaseDuration / RenewalsPerLease;
        var fenceAfter = leaseDuration * SelfFenceAfter;
        var pause = interval;
        var lastGood = timeProvider.GetTimestamp();
        while (await WaitAsync(pause, cancellationToken))
        {
            // One that was fenced does nothing more; its run is for another worker.
            RunAttempt[] held = [.. attempts().Where(static attempt => !attempt.IsLeaseGone)];
            var asked = timeProvider.GetTimestamp();
            pause = interval;
            if (held.Length == 0)
            {
                lastGood = asked;
                continue;
            }

            try
            {
                var left = fenceAfter - timeProvider.GetElapsedTime(lastGood, asked);
                // A store that does not answer is no better than one that fails.
                var outcomes = await store.RenewAsync([.. held.Select(attempt => attempt.Lease)], leaseDuration, cancellationToken)
                    .AsTask().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider, cancellationToken);
                lastGood = asked;
                for (var i = 0; i < held.Length; i++)
                {
                    Apply(held[i], outcomes[i]);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogRenewalFailed(logger, exception, held.Length);
                var left = fenceAfter - timeProvider.GetElapsedTime(lastGood);
                if (left > TimeSpan.Zero)
                {
                    pause = left < interval ? left : interval;
                    continue;
                }

                Array.ForEach(held, static attempt => attempt.CutOff());
                // What is claimed from now on has a lease of its own.
                lastGood = timeProvider.GetTimestamp();
            }
        }
    }

    public static void Apply(RunAttempt attempt, RunRenewalOutcome outcome)
    {
        switch (outcome)
        {
            case RunRenewalOutcome.Lost:
                attempt.LoseLease();
                break;
            case RunRenewalOutcome.CancelRequested:
                attempt.Stop(RunStopReason.Cancelled);
                break;
            case RunRenewalOutcome.Expired:
                attempt.Stop(RunStopReason.Expired);
                break;
            default:
                break;
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, timeProvider, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(EventIds.LeaseRenewalFailed, LogLevel.Error, "The leases of {Count} runs could not be renewed. The worker tries again.", EventName = "LeaseRenewalFailed")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception, int count);
}
