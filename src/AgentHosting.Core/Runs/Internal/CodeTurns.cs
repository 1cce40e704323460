namespace AgentHosting.Runs.Internal;

/// <summary>
/// Hands results to code one at a time, in the order in which they are in the journal, live and in every replay alike, so that what the code does next, with all its branches, is
/// a function of the journal. The next one is handed over when the code has done all that it does with the one before: when that turn has ended.
/// <para>
/// Answers from outside come last: one is handed over only when no step is under way. They are journaled at times that the attempt does not learn, so that their place
/// among steps is not what it was in the attempt that made the steps.
/// </para>
/// </summary>
internal sealed class CodeTurns(RunAttempt attempt, string prefix) : IThreadPoolWorkItem
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);
    // The code that a thread is in. A thread that has gone on with code after something else than a call of the context is in a turn of its own until it leaves the code.
    private static readonly AsyncLocal<CodeTurns?> _flow = new(static change =>
    {
        if (change is { ThreadContextChanged: true, PreviousValue: { _hasOwnTurn: true } left } && change.CurrentValue != left)
        {
            left.Leave();
        }
    });

    private readonly Lock _lock = new();
    private readonly List<CodeTurn> _active = [];
    // Most tools begin nothing.
    private CodeCalls? _calls;
    private CancellationTokenRegistration _stop;
    private ITimer? _watch;
    private CodeCall? _outside;
    private volatile bool _hasOwnTurn;
    private int _begun;
    private int _turns;
    private bool _isScheduled;

    /// <summary>Whether an answer is waited for that has not come.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_lock)
            {
                return _calls?.IsWaiting ?? false;
            }
        }
    }

    /// <summary>Whether the code was told that there is no answer.</summary>
    public bool IsSuspended
    {
        get
        {
            lock (_lock)
            {
                return _calls?.Waits.IsSuspended ?? false;
            }
        }
    }

    /// <summary>Begins the first turn, on this thread, which disposes it.</summary>
    public CodeTurn Enter()
    {
        _flow.Value = this;
        lock (_lock)
        {
            return NewTurn();
        }
    }

    public void End(CodeTurn turn)
    {
        lock (_lock)
        {
            _active.Remove(turn);
            GoOn();
        }
    }

    /// <summary>Numbers a call.</summary>
    /// <returns>The turn that it is begun in, if any.</returns>
    /// <exception cref="RunSuspendedException">The code goes on after it was told to wait.</exception>
    /// <exception cref="RunFailureException">Whether this call or another comes first is chance.</exception>
    public CodeTurn? Begin(CodeCall call)
    {
        var isOutside = WaitForTurn();
        lock (_lock)
        {
            _calls ??= new CodeCalls(attempt);
            _calls.Waits.ThrowIfSuspended();
            if (isOutside && _calls.IsEmpty && _flow.Value == this)
            {
                _hasOwnTurn = true;
                NewTurn().IsOwn = true;
            }

            var turn = FindTurn();
            if (turn is null ? !_calls.IsEmpty : _outside is not null || IsOvertaken(turn))
            {
                var exception = SideBySide();
                attempt.Fail(exception);
                throw exception;
            }

            turn?.Moved();
            call.Begin(prefix, ++_begun, turn?.Number ?? 0);
            _outside = turn is null ? call : null;
            _calls.Add(call);
            if (call is WaitCall && _stop == default)
            {
                // A step ends by the token that it is given. A wait has nothing that would end it.
                _stop = attempt.Stopping.UnsafeRegister(static turns => ((CodeTurns)turns!).Stop(), this);
            }

            return turn;
        }
    }

    /// <summary>The call has come to what it comes to.</summary>
    public void Done(CodeCall call)
    {
        lock (_lock)
        {
            _calls!.Done(call);
            GoOn();
        }
    }

    /// <summary>The call journals nothing and is done: the code goes on without a pause.</summary>
    public void Drop(CodeCall call)
    {
        lock (_lock)
        {
            _calls!.Remove(call);
            _outside = null;
        }
    }

    /// <returns>Ends when what is begun is handed over.</returns>
    public Task WhenHandedOver()
    {
        lock (_lock)
        {
            return _calls is null or { IsEmpty: true } ? Task.CompletedTask : Task.WhenAll(_calls.All.Select(static call => call.Task));
        }
    }

    /// <summary>Hands over what there is, on the thread pool: whoever makes a result ready holds something, or is the code.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (_lock)
        {
            _isScheduled = false;
        }

        // A loop, so that the stack of code that goes through a long journal does not grow.
        while (Take() is var (call, turn))
        {
            call.HandOver();
            lock (_lock)
            {
                _active.Remove(turn);
            }
        }
    }

    private (CodeCall Call, CodeTurn Turn)? Take()
    {
        lock (_lock)
        {
            if (!MayHandOver() || _calls!.Next(_begun, Checked) is not { } call)
            {
                GoOn();
                return null;
            }

            _outside = call == _outside ? null : _outside;
            return (call, NewTurn());
        }
    }

    private CodeTurn? FindTurn() => _active.Find(static turn => turn.Thread == Thread.CurrentThread);

    /// <summary>A thread that is in no turn lets those that are end: one of them may be about to begin a call.</summary>
    /// <returns>Whether this thread is in no turn.</returns>
    private bool WaitForTurn()
    {
        var spin = default(SpinWait);
        var looked = TimeProvider.System.GetTimestamp();
        while (true)
        {
            lock (_lock)
            {
                if (FindTurn() is not null)
                {
                    return false;
                }

                if (TimeProvider.System.GetElapsedTime(looked) >= Patience)
                {
                    looked = TimeProvider.System.GetTimestamp();
                    _active.ForEach(static turn => turn.Look());
                }

                if (MayHandOver())
                {
                    return true;
                }
            }

            attempt.ThrowIfStopped();
            spin.SpinOnce();
        }
    }

    /// <summary>This thread has done all that it does with the code.</summary>
    private void Leave()
    {
        lock (_lock)
        {
            _active.RemoveAll(static turn => turn.IsOwn && turn.Thread == Thread.CurrentThread);
            _hasOwnTurn = _active.Exists(static turn => turn.IsOwn);
            GoOn();
        }
    }

    private CodeTurn NewTurn()
    {
        _active.ForEach(static turn => turn.Moved());
        var turn = new CodeTurn(this, ++_turns);
        _active.Add(turn);
        return turn;
    }

    // Of a thread that was blocked, and goes on while calls of a later turn are open.
    private bool IsOvertaken(CodeTurn turn) => turn.Number < _turns && _calls!.All.Any(call => call.Turn > turn.Number);

    private bool MayHandOver() => _active.TrueForAll(static turn => turn.IsBlocked);

    private void GoOn()
    {
        if (_isScheduled || _calls is not { HasResult: true, IsHeldBack: false })
        {
            return;
        }

        if (MayHandOver())
        {
            _isScheduled = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            // Whether a thread is blocked is a matter of real time, also where a test keeps the clock.
            _watch ??= TimeProvider.System.CreateTimer(static turns => ((CodeTurns)turns!).Watch(), this, Patience, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Code that blocks its thread on a result would wait for ever for the end of its own turn.</summary>
    private void Watch()
    {
        lock (_lock)
        {
            if (_active.Count == 0 || _calls is not { HasResult: true })
            {
                _watch?.Dispose();
                _watch = null;
                return;
            }

            _active.ForEach(static turn => turn.Look());
            GoOn();
            _watch?.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void Checked(bool isAnswered, int begun)
    {
        lock (_lock)
        {
            _calls!.Waits.Checked(isAnswered, begun);
            GoOn();
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            _calls!.Stop();
            GoOn();
        }
    }

    private RunFailureException SideBySide() => new(
        AgentRunErrorCodes.Internal,
        $"Code that runs side by side made a call of its AgentRunContext after step {prefix}s{_begun} in an order that is chance, and a later attempt could take one call's result for "
        + "another's. Between calls that run side by side await nothing but calls of the context, and block on nothing else: put other work into a step.",
        canRetry: false);
}
