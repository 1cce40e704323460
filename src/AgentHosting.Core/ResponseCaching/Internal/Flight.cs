using AgentHosting.Stages.Internal;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// One call that serves everybody who asks the same at the same time. It belongs to none of them: it runs on a token of its own and is cancelled when the
/// last one leaves.
/// </summary>
#pragma warning disable CA1001 // Without a timer or a link the source holds nothing; disposed, it would throw at those who leave late.
internal abstract class Flight(FlightTable? table, RequestKey key, int handOvers)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abandoned = new();
    private int _readers = 1;
    private bool _closed;

    public RequestKey Key => key;

    /// <summary>How many calls of the same group failed before this one.</summary>
    public int HandOvers => handOvers;

    public CancellationToken Token => _abandoned.Token;

    /// <summary>Joins, unless the call has ended, was given up or takes nobody any more.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _readers++;
            return true;
        }
    }

    /// <summary>Takes no more readers.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        table?.Remove(this);
    }

    /// <summary>Leaves. The last one to leave cancels the call and waits until it has let go of what it held.</summary>
    public ValueTask LeaveAsync()
    {
        lock (_gate)
        {
            if (--_readers > 0)
            {
                return ValueTask.CompletedTask;
            }

            _closed = true;
        }

        table?.Remove(this);
        return HasEnded ? ValueTask.CompletedTask : AbandonAsync();
    }

    protected abstract bool HasEnded { get; }

    /// <summary>Waits until the cancelled call has ended.</summary>
    protected abstract Task EndedAsync();

    private async ValueTask AbandonAsync()
    {
        // Callbacks that throw are the client's: who leaves is told of its own cancellation, not of them.
        CancellationFault.Observe(_abandoned.CancelAsync());
        await EndedAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
