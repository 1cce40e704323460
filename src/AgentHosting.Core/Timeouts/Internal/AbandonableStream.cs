using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Timeouts.Internal;

/// <summary>
/// A stream that can be left behind in the middle of a step, when it does not end within a moment of its cancellation. Steps that wait allocate nothing: this is
/// the source of their results.
/// </summary>
internal sealed class AbandonableStream : IValueTaskSource<bool>, IAsyncDisposable
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Left = 2;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly CancellationToken _cancelled;
    private readonly TimeProvider _timeProvider;
    private readonly Action _onMoved;
    private ManualResetValueTaskSourceCore<bool> _step;
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter _move;
    private CancellationTokenRegistration? _registration;
    private int _state;
    private bool _graceEnded;

    /// <param name="updates">The stream.</param>
    /// <param name="timeProvider">The clock of the moment that it has once the token is cancelled.</param>
    /// <param name="cancelled">The token that it was given.</param>
    public AbandonableStream(IAsyncEnumerator<ChatResponseUpdate> updates, TimeProvider timeProvider, CancellationToken cancelled)
    {
        _updates = updates;
        _cancelled = cancelled;
        _timeProvider = timeProvider;
        _onMoved = OnMoved;
    }

    public ChatResponseUpdate Current => _updates.Current;

    /// <summary>Whether the stream was left behind.</summary>
    public bool IsAbandoned => Volatile.Read(ref _state) == Left;

    public ValueTask<bool> MoveNextAsync()
    {
        var move = _updates.MoveNextAsync();
        if (move.IsCompleted)
        {
            return move;
        }

        _registration ??= _cancelled.UnsafeRegister(static stream => _ = ((AbandonableStream)stream!).LeaveAfterGraceAsync(), this);
        _step.Reset();
        Interlocked.Exchange(ref _state, Waiting);
        if (Volatile.Read(ref _graceEnded))
        {
            // The token was cancelled while the reader read, and the moment passed meanwhile: this step has one of its own.
            Volatile.Write(ref _graceEnded, false);
            _ = LeaveAfterGraceAsync();
        }

        var step = new ValueTask<bool>(this, _step.Version);
        _move = move.ConfigureAwait(false).GetAwaiter();
        _move.UnsafeOnCompleted(_onMoved);
        return step;
    }

    public ValueTask DisposeAsync()
    {
        _registration?.Dispose();

        // One that was left behind is disposed when it comes back: an enumerator must not be while it moves.
        return IsAbandoned ? default : _updates.DisposeAsync();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _step.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _step.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _step.OnCompleted(continuation, state, token, flags);

    private void OnMoved()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
        {
            _ = DisposeLeftAsync();
            return;
        }

        bool moved;
        try
        {
            moved = _move.GetResult();
        }
        catch (Exception exception)
        {
            _step.SetException(exception);
            return;
        }

        _step.SetResult(moved);
    }

    private async Task LeaveAfterGraceAsync()
    {
        await Task.Delay(BoundedCall.Grace, _timeProvider, CancellationToken.None);

        // Before the state is looked at, as a step writes its state before it looks at this: one of the two sees the other.
        Volatile.Write(ref _graceEnded, true);
        if (Interlocked.CompareExchange(ref _state, Left, Waiting) == Waiting)
        {
            _step.SetException(new OperationCanceledException(_cancelled));
        }
    }

    // What the stream throws after its time is up concerns nobody any more: it ends in this task, which nobody awaits.
    private async Task DisposeLeftAsync()
    {
        try
        {
            _move.GetResult();
        }
        finally
        {
            await _updates.DisposeAsync();
        }
    }
}
