using System.Globalization;
using AgentHosting.Agents;
using AgentHosting.Stages.Internal;
using AgentHosting.ToolValidation.Internal;

namespace AgentHosting.Runs.Internal;

/// <summary>One attempt at a run: its lease, its journal, its place in it, and the token that ends it.</summary>
internal sealed class RunAttempt : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (RunStep Step, int Position)> _journal;
    private readonly HashSet<string> _unfinished;
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly List<CallSpend> _spends = [];
    private decimal _costOfSteps;
    private int _stopReason;
    private long _leasedAt;
    private int _modelCalls;
    private int _toolCalls;
    private bool _isSuspended;
    private bool _isLeaseGone;

    public RunAttempt(ClaimedRun claim, AgentDefinition agent)
    {
        Claim = claim;
        Agent = agent;
        _journal = new Dictionary<string, (RunStep Step, int Position)>(claim.Journal.Count, StringComparer.Ordinal);
        foreach (var step in claim.Journal)
        {
            _journal.Add(step.Key, (step, _journal.Count));
        }

        _unfinished = new HashSet<string>(claim.UnfinishedSteps, StringComparer.Ordinal);
    }

    public ClaimedRun Claim { get; }

    public AgentDefinition Agent { get; }

    /// <summary>The drain of the worker that makes the attempt.</summary>
    public RunDrain? Drain { get; init; }

    public RunLease Lease => Claim.Lease;

    public AgentRun Run => Claim.Run;

    /// <summary>The run that the journal began with: what is named after it, such as requests and keys of tools, stays the same when the run is requeued.</summary>
    public string OriginId => Run.OriginId ?? Run.Id;

    /// <summary>What the run has said and done so far, in order, for the session's transcript.</summary>
    public RunTranscript Transcript { get; } = new();

    /// <summary>How often each tool was called in the run, replayed calls too.</summary>
    public ToolCallCounts ToolCalls { get; } = new(null);

    /// <summary>Tells requests of the attempt from those that the journal answers.</summary>
    public RequestFingerprints Requests { get; } = new();

    public CancellationToken Stopping => _stopping.Token;

    public RunStopReason StopReason => (RunStopReason)Volatile.Read(ref _stopReason);

    /// <summary>When the store was asked for the lease that the attempt has, as a timestamp of the worker's clock.</summary>
    public long LeasedAt => Volatile.Read(ref _leasedAt);

    public void NoteLease(long timestamp) => Volatile.Write(ref _leasedAt, timestamp);

    /// <summary>Stops the attempt. The first reason counts.</summary>
    public void Stop(RunStopReason reason)
    {
        if (Interlocked.CompareExchange(ref _stopReason, (int)reason, (int)RunStopReason.None) != (int)RunStopReason.None)
        {
            return;
        }

        // Not Cancel(): callbacks of tools and clients would run here, on the thread that renews leases or keeps time, and may throw or block. The token is marked at once: where the pool is
        // starved the callbacks wait in its line, and no call of the attempt begins.
        try
        {
            CancellationFault.Observe(_stopping.CancelAsync());
        }
        catch (ObjectDisposedException)
        {
            // The attempt has just ended by itself; there is nothing left to stop.
        }
    }

    /// <summary>Whether the lease is lost, or may be: it is renewed no more.</summary>
    public bool IsLeaseGone => Volatile.Read(ref _isLeaseGone);

    /// <summary>Stops the attempt because another worker has the run.</summary>
    public void LoseLease()
    {
        Volatile.Write(ref _isLeaseGone, true);
        Stop(RunStopReason.LeaseLost);
    }

    /// <summary>Stops the attempt because another worker may be about to have the run, and the store cannot be asked.</summary>
    public void CutOff()
    {
        Volatile.Write(ref _isLeaseGone, true);
        Stop(RunStopReason.CutOff);
    }

    /// <summary>What the attempt has cost beyond the steps that it has committed: calls that failed, and those that were charged after their step was written.</summary>
    public decimal CostBeyondSteps
    {
        get
        {
            lock (_lock)
            {
                return _spends.Sum(static spend => spend.Cost ?? 0) - _costOfSteps;
            }
        }
    }

    /// <summary>Where the budget notes what a model call has cost.</summary>
    public CallSpend NewSpend()
    {
        var spend = new CallSpend();
        lock (_lock)
        {
            _spends.Add(spend);
        }

        return spend;
    }

    /// <summary>Notes how much of what was charged is in a step that was committed.</summary>
    public void NoteStepCost(decimal cost)
    {
        lock (_lock)
        {
            _costOfSteps += cost;
        }
    }

    /// <summary>Whether the run has to wait for an answer: no model is called any more, and what is left of the current calls is done.</summary>
    public bool IsSuspended => Volatile.Read(ref _isSuspended);

    public void Suspend() => Volatile.Write(ref _isSuspended, true);

    /// <summary>What the attempt cannot go on from: what the store answered when a write failed, or how the journal differs.</summary>
    public Exception? WriteFailure { get; private set; }

    /// <summary>Stops the attempt because a write failed or the journal does not fit: what is not in the journal must not be built upon.</summary>
    public void Fail(Exception exception)
    {
        WriteFailure ??= exception;
        Stop(RunStopReason.WriteFailed);
    }

    // The loop swallows what a tool throws and calls the model again, so every paid call asks here first.
    // By the reason, which is there before the token is cancelled: that takes a moment where the machine is busy.
    public void ThrowIfStopped()
    {
        if (StopReason != RunStopReason.None)
        {
            throw new OperationCanceledException(_stopping.Token);
        }
    }

    public string NextModelStep() => Interlocked.Increment(ref _modelCalls).ToString(CultureInfo.InvariantCulture);

    /// <summary>The key of a tool call: the ordinal of the model call that asked for it, and its position there. Call ids would not do: they repeat.</summary>
    public string ToolStep(int position) =>
        string.Create(CultureInfo.InvariantCulture, $"{Volatile.Read(ref _modelCalls)}.{position}");

    /// <summary>Counts a tool call of the run, replayed ones too.</summary>
    /// <returns>Whether the run may make it.</returns>
    public bool MayCallTool() => Interlocked.Increment(ref _toolCalls) <= (Agent.Options.MaxToolCalls ?? int.MaxValue);

    /// <summary>Notes a step that this attempt has committed, in the order of the commits: code that is called again within the attempt finds it.</summary>
    public void NoteJournaled(RunStep step)
    {
        lock (_lock)
        {
            _journal.TryAdd(step.Key, (step, _journal.Count));
        }
    }

    /// <summary>Where a step stands in the journal.</summary>
    /// <returns>Its position; the highest number there is where it is not in it.</returns>
    public int PositionOf(string key)
    {
        lock (_lock)
        {
            return _journal.TryGetValue(key, out var entry) ? entry.Position : int.MaxValue;
        }
    }

    public RunStep? FindJournaled(string key)
    {
        lock (_lock)
        {
            return _journal.GetValueOrDefault(key).Step;
        }
    }

    /// <summary>What an earlier attempt noted of a step that is not in the journal.</summary>
    public RunStepNote? FindNote(string key) => Claim.Notes.FirstOrDefault(note => note.Key == key);

    /// <summary>Fails the run where a step is not the one that the journal holds under its key: the journal would answer another question.</summary>
    /// <exception cref="RunFailureException">It is another.</exception>
    public void ThrowIfOther(RunStep journaled, RunStepKind kind, string name, string fingerprint)
    {
        // An agent's name may change with its registration; that of a tool is what the model called.
        var isSame = journaled.Kind == kind
            && (kind == RunStepKind.Model || journaled.Name == name)
            && (journaled.Version != JournalFormat.Version || journaled.Fingerprint is null || journaled.Fingerprint == fingerprint);
        if (isSame)
        {
            return;
        }

        var failure = new RunFailureException(
            AgentRunErrorCodes.JournalMismatch,
            $"Step {journaled.Key} of the journal, by '{journaled.Name}', was made for another request than the run now makes. Submit the message again.",
            canRetry: false);
        // The loop swallows what a tool throws.
        Fail(failure);
        throw failure;
    }

    /// <summary>Whether the model call after the current tool calls is in the journal, so that none of them may run any more.</summary>
    public bool IsAnsweredUnjournaled() =>
        FindJournaled((Volatile.Read(ref _modelCalls) + 1).ToString(CultureInfo.InvariantCulture)) is not null;

    /// <summary>Whether an earlier attempt showed part of the step to watchers, who must drop it.</summary>
    public bool WasBegunBefore(string key) => _unfinished.Contains(key);

    /// <summary>Notes that a step began in this attempt.</summary>
    public void NoteBegun(string key)
    {
        lock (_lock)
        {
            _begun.Add(key);
        }
    }

    /// <summary>Whether watchers were told that the step began, by this attempt or an earlier one.</summary>
    public bool IsBegun(string key)
    {
        lock (_lock)
        {
            return _begun.Contains(key) || _unfinished.Contains(key);
        }
    }

    public void Dispose() => _stopping.Dispose();
}
