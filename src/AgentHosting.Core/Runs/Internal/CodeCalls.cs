namespace AgentHosting.Runs.Internal;

/// <summary>The calls that code has begun and that are not handed over, and which of them is next. Touched under the lock of <see cref="CodeTurns"/>.</summary>
internal sealed class CodeCalls(RunAttempt attempt)
{
    private readonly HashSet<CodeCall> _underWay = [];
    private readonly PriorityQueue<CodeCall, (int Position, int Number)> _ready = new();
    private bool _isStopped;

    public CodeWaits Waits { get; } = new(attempt);

    public bool IsEmpty => _underWay.Count == 0 && _ready.Count == 0 && Waits.All.Count == 0;

    public IEnumerable<CodeCall> All => [.. _underWay, .. _ready.UnorderedItems.Select(static item => item.Element), .. Waits.All];

    /// <summary>Whether there is one to be handed over, now or in a moment.</summary>
    public bool HasResult => _ready.Count > 0 || (_underWay.Count == 0 && Waits.HasResult);

    /// <summary>Whether the next one has to let another come first, which is journaled and not yet done.</summary>
    public bool IsHeldBack => _ready.TryPeek(out _, out var place) && _underWay.Any(call => attempt.PositionOf(call.Key) < place.Position);

    /// <summary>Whether an answer is waited for that has not come.</summary>
    public bool IsWaiting => Waits.IsSuspended || Waits.All.Count > 0 || _underWay.Any(static call => call is WaitCall);

    public void Add(CodeCall call) => _underWay.Add(call);

    public void Remove(CodeCall call) => _underWay.Remove(call);

    /// <summary>The call has come to what it comes to; a wait is open.</summary>
    public void Done(CodeCall call)
    {
        _underWay.Remove(call);
        if (call is WaitCall { Failure: null } wait && !_isStopped)
        {
            Waits.Add(wait);
        }
        else
        {
            Ready(call);
        }
    }

    /// <returns>The one to be handed over next; <see langword="null"/> where there is none yet.</returns>
    public CodeCall? Next(int begun, Action<bool, int> onChecked) =>
        _ready.Count == 0 ? _underWay.Count > 0 ? null : Waits.Next(begun, onChecked)
        : IsHeldBack ? null
        : _ready.Dequeue();

    /// <summary>Nothing is waited for any more.</summary>
    public void Stop()
    {
        _isStopped = true;
        foreach (var wait in Waits.TakeAll())
        {
            Ready(wait);
        }
    }

    private void Ready(CodeCall call)
    {
        if (_isStopped && call is WaitCall wait)
        {
            wait.Failure ??= new OperationCanceledException(attempt.Stopping);
        }

        _ready.Enqueue(call, (attempt.PositionOf(call.Key), call.Number));
    }
}
