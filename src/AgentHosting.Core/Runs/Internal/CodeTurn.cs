namespace AgentHosting.Runs.Internal;

/// <summary>A stretch of code that runs on one thread without a pause: its beginning, or what it does with one result.</summary>
internal sealed class CodeTurn(CodeTurns turns, int number) : IDisposable
{
    private bool _wasSeenBlocked;
    private bool _isInStep;

    public int Number => number;

    public Thread Thread { get; } = Thread.CurrentThread;

    /// <summary>Whether it ends when its thread leaves the code.</summary>
    public bool IsOwn { get; set; }

    /// <summary>Whether what it waits for may be a result that is ready.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Looks at the thread. It counts as blocked when it is so twice in a row: a lock that is held for a moment is no reason.</summary>
    public void Look()
    {
        var isWaiting = !Volatile.Read(ref _isInStep) && (Thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0;
        IsBlocked = isWaiting && _wasSeenBlocked;
        _wasSeenBlocked = isWaiting;
    }

    /// <summary>Something has happened that the thread may go on from.</summary>
    public void Moved() => IsBlocked = _wasSeenBlocked = false;

    public void EnterStep() => Volatile.Write(ref _isInStep, true);

    public void LeaveStep() => Volatile.Write(ref _isInStep, false);

    public void Dispose() => turns.End(this);
}
