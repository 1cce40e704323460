using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// The updates of a stage that may ask anew up to the commit point: opened when the reading begins, disposed when it ends. A failure after the commit point is
/// a <see cref="Failures.StreamInterruptedException"/> that carries what came before it.
/// </summary>
internal abstract class HeldUpdates(CancellationToken callToken) : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private CancellationToken _token = callToken;
    private CancellationTokenSource? _linked;
    private HeldStream? _stream;
    private bool _taken;
    private bool _opened;

    /// <summary>The token of the call, without that of a reader.</summary>
    protected CancellationToken CallToken { get; } = callToken;

    public ChatResponseUpdate Current => _stream!.Current;

    /// <summary>Updates that are opened by <paramref name="open"/>.</summary>
    public static HeldUpdates From<TState>(
        Func<TState, CancellationToken, ValueTask<HeldStream>> open, TState state, CancellationToken cancellationToken) =>
        new Opening<TState>(open, state, cancellationToken);

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        // The first reader reads this object, as with async iterators; each further one asks anew.
        if (Interlocked.Exchange(ref _taken, true))
        {
            return Anew().GetAsyncEnumerator(cancellationToken);
        }

        if (!CallToken.CanBeCanceled)
        {
            _token = cancellationToken;
        }
        else if (cancellationToken.CanBeCanceled && cancellationToken != CallToken)
        {
            _linked = CancellationTokenSource.CreateLinkedTokenSource(CallToken, cancellationToken);
            _token = _linked.Token;
        }

        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_stream is not null)
        {
            return _stream.MoveNextAsync();
        }

        // What could not be opened has ended: reading on does not ask again.
        return Interlocked.Exchange(ref _opened, true) ? new ValueTask<bool>(false) : OpenAndMoveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_stream is not null)
            {
                await _stream.DisposeAsync();
            }
        }
        finally
        {
            _linked?.Dispose();
        }
    }

    protected abstract ValueTask<HeldStream> OpenAsync(CancellationToken cancellationToken);

    protected abstract HeldUpdates Anew();

    private async ValueTask<bool> OpenAndMoveAsync()
    {
        _stream = await OpenAsync(_token);
        return await _stream.MoveNextAsync();
    }

    private sealed class Opening<TState>(
        Func<TState, CancellationToken, ValueTask<HeldStream>> open, TState state, CancellationToken callToken) : HeldUpdates(callToken)
    {
        protected override ValueTask<HeldStream> OpenAsync(CancellationToken cancellationToken) => open(state, cancellationToken);

        protected override HeldUpdates Anew() => new Opening<TState>(open, state, CallToken);
    }
}
