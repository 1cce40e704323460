using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>Keeps the leases of a worker's attempts, all in one call, and passes on what the store says about them. It never ends on an error.</summary>
internal sealed partial class LeaseRenewer(
    IRunStore store, ICollection<RunAttempt> attempts, TimeProvider timeProvider, TimeSpan leaseDuration, ILogger logger)
{
    // After this share of a lease without a good renewal another worker may be about to take over, so this one stops first.
    private const double SelfFenceAfter = 0.8;
    private const int RenewalsPerLease = 3;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(leaseDuration / RenewalsPerLease, timeProvider);
        var lastGood = timeProvider.GetTimestamp();
        while (await WaitAsync(timer, cancellationToken))
        {
            RunAttempt[] held = [.. attempts];
            if (held.Length == 0)
            {
                lastGood = timeProvider.GetTimestamp();
                continue;
            }

            var asked = timeProvider.GetTimestamp();
            try
            {
                var outcomes = await store.RenewAsync([.. held.Select(attempt => attempt.Lease)], leaseDuration, cancellationToken);
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
                if (timeProvider.GetElapsedTime(lastGood) > leaseDuration * SelfFenceAfter)
                {
                    Array.ForEach(held, attempt => attempt.Stop(RunStopReason.LeaseLost));
                }
            }
        }
    }

    public static void Apply(RunAttempt attempt, RunRenewalOutcome outcome)
    {
        switch (outcome)
        {
            case RunRenewalOutcome.Lost:
                attempt.Stop(RunStopReason.LeaseLost);
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

    private static async ValueTask<bool> WaitAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(EventIds.LeaseRenewalFailed, LogLevel.Error, "The leases of {Count} runs could not be renewed. The worker tries again.", EventName = "LeaseRenewalFailed")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception, int count);
}
