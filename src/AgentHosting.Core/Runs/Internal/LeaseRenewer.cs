using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Keeps the leases of a worker's attempts, all in one call, and passes on what the store says about them. It never ends on an error. On threads of its own: tools may block every thread
/// of the pool, and their runs are kept all the same. One thread renews; another, which no store can hold up, stops attempts whose lease was not renewed for too long.
/// </summary>
internal sealed partial class LeaseRenewer : IDisposable
{
    // After this share of a lease without a good renewal another worker may be about to take over, so this one stops first.
    private const double SelfFenceAfter = 0.8;
    private const int RenewalsPerLease = 3;
    private const int TriesPerLease = 15;
    private readonly IRunStore _store;
    private readonly Func<IEnumerable<RunAttempt>> _attempts;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _leaseDuration;
    private readonly ILogger _logger;
    private readonly ThreadPause _renewPause;
    private readonly ThreadPause _fencePause;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = 2;

    public LeaseRenewer(IRunStore store, Func<IEnumerable<RunAttempt>> attempts, TimeProvider timeProvider, TimeSpan leaseDuration, ILogger logger)
    {
        (_store, _attempts, _timeProvider, _leaseDuration, _logger) = (store, attempts, timeProvider, leaseDuration, logger);
        (_renewPause, _fencePause) = (new ThreadPause(timeProvider), new ThreadPause(timeProvider));
        Start("lease renewal", RenewUntilStopped);
        Start("lease fence", FenceUntilStopped);
    }

    /// <summary>Ends both threads; one that waits for the store ends when that has answered.</summary>
    /// <returns>A task that ends with them.</returns>
    public Task StopAsync()
    {
        _renewPause.Stop();
        _fencePause.Stop();
        return _ended.Task;
    }

    public void Dispose()
    {
        _renewPause.Dispose();
        _fencePause.Dispose();
    }

    /// <summary>How long an attempt may go on without a good renewal.</summary>
    public static TimeSpan FenceAfter(TimeSpan leaseDuration) => leaseDuration * SelfFenceAfter;

    /// <summary>Renews the leases of attempts, and tells each what has become of its run.</summary>
    /// <returns>Whether that is known of all.</returns>
    public static bool Renew(IRunStore store, IReadOnlyList<RunAttempt> attempts, TimeProvider timeProvider, TimeSpan leaseDuration)
    {
        // The lease lasts from some moment after this one.
        var asked = timeProvider.GetTimestamp();
        var outcomes = store.Renew([.. attempts.Select(static attempt => attempt.Lease)], leaseDuration);
        var isAllKnown = true;
        for (var i = 0; i < attempts.Count; i++)
        {
            if (outcomes[i] == RunRenewalOutcome.Unknown)
            {
                isAllKnown = false;
                continue;
            }

            attempts[i].NoteLease(asked);
            Apply(attempts[i], outcomes[i]);
        }

        return isAllKnown;
    }

    private static void Apply(RunAttempt attempt, RunRenewalOutcome outcome)
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

    // One that was fenced does nothing more; its run is for another worker.
    private RunAttempt[] Held() => [.. _attempts().Where(static attempt => !attempt.IsLeaseGone)];

    private void RenewUntilStopped()
    {
        var pause = _leaseDuration / RenewalsPerLease;
        while (_renewPause.Wait(pause))
        {
            var held = Held();
            try
            {
                // What is not known yet is asked for again as soon as after a failure.
                var isAllKnown = held.Length == 0 || Renew(_store, held, _timeProvider, _leaseDuration);
                pause = _leaseDuration / (isAllKnown ? RenewalsPerLease : TriesPerLease);
            }
            catch (Exception exception)
            {
                pause = _leaseDuration / TriesPerLease;
                LogRenewalFailed(_logger, exception, held.Length);
            }
        }
    }

    private void FenceUntilStopped()
    {
        var fenceAfter = FenceAfter(_leaseDuration);
        // What is claimed while this waits has been asked for a moment before.
        var longest = _leaseDuration / TriesPerLease;
        var pause = longest;
        while (_fencePause.Wait(pause))
        {
            pause = longest;
            foreach (var attempt in Held())
            {
                var left = fenceAfter - _timeProvider.GetElapsedTime(attempt.LeasedAt);
                if (left <= TimeSpan.Zero)
                {
                    attempt.CutOff();
                }
                else if (left < pause)
                {
                    pause = left;
                }
            }
        }
    }

    private void Start(string name, Action work) => new Thread(() => Run(work)) { IsBackground = true, Name = $"AgentHosting {name}", Priority = ThreadPriority.AboveNormal }.Start();

    private void Run(Action work)
    {
        try
        {
            while (true)
            {
                try
                {
                    work();
                    return;
                }
                catch (Exception)
                {
                    // What could be said is said where it happened; this is the logger that failed, and a thread that ends by an exception ends the process.
                }
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                _ended.TrySetResult();
            }
        }
    }

    [LoggerMessage(EventIds.LeaseRenewalFailed, LogLevel.Error, "The leases of {Count} runs could not be renewed. The worker tries again.", EventName = "LeaseRenewalFailed")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception, int count);
}
