using System.Collections.Concurrent;
using System.Globalization;
using AgentHosting.Agents;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Claims runs as it has room for them, executes them side by side, and at a shutdown lets them finish or hands them back.</summary>
internal sealed partial class RunWorker(
    IRunStore store,
    IAgentRegistry agents,
    RunExecutor executor,
    TimeProvider timeProvider,
    IOptions<AgentWorkerOptions> options,
    ILogger<RunWorker> logger) : BackgroundService
{
    // A hint to look at the queue may be wrong again and again, for runs that this worker has no room for.
    private static readonly TimeSpan PauseAfterFalseHint = TimeSpan.FromMilliseconds(50);
    // Most hints are right, so that a worker looks at once; not for ever, since what is ready may be for other workers only.
    private const int FalseHintsInARow = 3;
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);
    private readonly RunDrain _drain = new(timeProvider);
    private readonly ConcurrentDictionary<string, RunAttempt> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> _executions = new();
    private int _quickHints;
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentRuns);

    public string WorkerId { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");

    public override void Dispose()
    {
        _slots.Dispose();
        _drain.Dispose();
        base.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The host's own deadline may end before the drain time: what still runs then goes back at once, while the store is there to take it.
        await using var deadline = cancellationToken.UnsafeRegister(static worker => ((RunWorker)worker!).HandBack(), this);
        await base.StopAsync(cancellationToken);
        if (cancellationToken.IsCancellationRequested && ExecuteTask is { } execution)
        {
            await execution.WaitAsync(BoundedCall.Grace * 2, timeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled || agents.Names.Count == 0)
        {
            return;
        }

        using var cancellations = store.SubscribeCancellations(StopCancelled);
        // A function: the values of a concurrent dictionary are a copy, here of when there were none.
        using var renewal = new LeaseRenewer(store, () => _attempts.Values, timeProvider, options.Value.LeaseDuration, logger);
        try
        {
            await ClaimUntilStoppedAsync(stoppingToken);
            await DrainAsync();
        }
        finally
        {
            // A store that hangs must not hold up the end of the host.
            await renewal.StopAsync().WaitAsync(BoundedCall.Grace, timeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ClaimUntilStoppedAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ClaimOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogClaimFailed(logger, exception, PauseAfterError);
                await PauseAsync(PauseAfterError, stoppingToken);
            }
        }
    }

    private async Task ClaimOnceAsync(CancellationToken stoppingToken)
    {
        await _slots.WaitAsync(stoppingToken);
        var slots = 1;
        List<RunAttempt> claimed = [];
        try
        {
            while (slots < options.Value.MaxConcurrentRuns && _slots.Wait(0, CancellationToken.None))
            {
                slots++;
            }

            claimed = Claim(slots);
        }
        finally
        {
            if (slots > claimed.Count)
            {
                _slots.Release(slots - claimed.Count);
            }
        }

        StopThoseCancelledAlready(claimed);
        foreach (var attempt in claimed)
        {
            Start(attempt);
        }

        if (claimed.Count > 0)
        {
            _quickHints = 0;
            return;
        }

        var started = timeProvider.GetTimestamp();
        await store.WaitForWorkAsync(options.Value.MaxPollInterval, stoppingToken);
        if (timeProvider.GetElapsedTime(started) >= PauseAfterFalseHint)
        {
            _quickHints = 0;
        }
        else if (++_quickHints > FalseHintsInARow)
        {
            await PauseAsync(PauseAfterFalseHint, stoppingToken);
        }
    }

    private Dictionary<string, int> Capacity()
    {
        var capacity = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in agents.Names)
        {
            var limit = agents.Find(name)!.Options.MaxConcurrentRunsPerWorker ?? options.Value.MaxConcurrentRuns;
            var free = limit - _attempts.Values.Count(attempt => attempt.Agent.Name == name);
            if (free > 0)
            {
                capacity[name] = free;
            }
        }

        return capacity;
    }

    /// <summary>
    /// Claims runs and puts them under the renewal, without an await between: where tools block the pool, what comes after one may come when the leases have ended.
    /// </summary>
    private List<RunAttempt> Claim(int slots)
    {
        var asked = timeProvider.GetTimestamp();
        var claims = store.Claim(new RunClaimRequest
        {
            WorkerId = WorkerId,
            MaxRuns = slots,
            Agents = Capacity(),
            LeaseDuration = options.Value.LeaseDuration,
            JournalVersion = JournalFormat.Version,
            MaxSuspects = _attempts.Values.Any(static attempt => attempt.Run.Crashes >= RunClaimRequest.SuspectCrashes) ? 0 : 1,
        });
        var claimed = new List<RunAttempt>(claims.Count);
        foreach (var claim in claims)
        {
            try
            {
                var attempt = new RunAttempt(claim, agents.Find(claim.Run.Agent)!) { Drain = _drain };
                attempt.NoteLease(asked);
                _attempts[attempt.Lease.Token] = attempt;
                claimed.Add(attempt);
            }
            catch (Exception exception)
            {
                LogExecutionFailed(logger, exception, claim.Run.Id);
            }
        }

        return claimed;
    }

    private void Start(RunAttempt attempt)
    {
        var execution = Task.Run(() => ExecuteAttemptAsync(attempt), CancellationToken.None);
        _executions[execution] = 0;
        _ = execution.ContinueWith(
            ended => _executions.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ExecuteAttemptAsync(RunAttempt attempt)
    {
        try
        {
            await executor.ExecuteAsync(attempt);
        }
        catch (Exception exception)
        {
            // The run keeps its lease until it ends, then another worker takes it.
            LogExecutionFailed(logger, exception, attempt.Run.Id);
        }
        finally
        {
            _attempts.TryRemove(attempt.Lease.Token, out _);
            attempt.Dispose();
            _slots.Release();
        }
    }

    /// <summary>A cancellation between the claim and the entry into the list found nobody to stop. The renewal says it.</summary>
    private void StopThoseCancelledAlready(List<RunAttempt> claimed)
    {
        if (claimed.Count == 0)
        {
            return;
        }

        try
        {
            LeaseRenewer.Renew(store, claimed, timeProvider, options.Value.LeaseDuration);
        }
        catch (Exception exception)
        {
            // They start all the same: the next renewal says it too.
            LogNotAsked(logger, exception, claimed.Count);
        }
    }

    private async Task DrainAsync()
    {
        _drain.Begin(options.Value.DrainTimeout);
        var running = Task.WhenAll(_executions.Keys);
        try
        {
            await running.WaitAsync(options.Value.DrainTimeout, timeProvider);
        }
        catch (TimeoutException)
        {
            HandBack();
            await running;
        }
    }

    private void HandBack()
    {
        foreach (var attempt in _attempts.Values)
        {
            attempt.Stop(RunStopReason.Draining);
        }

        _drain.HandBack();
    }

    // An attempt that lost its lease may still be winding up beside the one that has it, so all of the run's are told.
    private void StopCancelled(string runId)
    {
        foreach (var attempt in _attempts.Values)
        {
            if (attempt.Run.Id == runId)
            {
                attempt.Stop(RunStopReason.Cancelled);
            }
        }
    }

    private async Task PauseAsync(TimeSpan time, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(time, timeProvider, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The loop sees the token itself.
        }
    }
}
