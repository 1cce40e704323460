using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// A shared stream. Whoever wants the next update first fetches it, on behalf of all: alone, a reader pulls at its own pace; together, the slow do not
/// hold up the fast. A reader more than the limit behind the others is left behind.
/// </summary>
internal sealed class StreamFlight : Flight
{
    private readonly Lock _gate = new();
    private readonly List<StreamReader> _readers = [];
    private readonly Func<CancellationToken, ValueTask<object>> _open;
    private readonly Func<IReadOnlyList<ChatResponseUpdate>, FlightResult> _ended;
    private readonly Func<ValueTask> _release;
    private readonly long _limit;
    private IAsyncEnumerator<ChatResponseUpdate>? _source;
    private StreamNode? _head = StreamNode.Head();
    private StreamNode _tail;
    private long _bytes;
    private bool _pulling;
    private TaskCompletionSource? _pulled;
    private bool _hasEnded;
    private Exception? _error;

    /// <summary>Creates a stream that is not opened yet.</summary>
    /// <param name="table">Where others find it; <see langword="null"/> for nowhere.</param>
    /// <param name="key">The request.</param>
    /// <param name="handOvers">How many calls failed before this one.</param>
    /// <param name="limit">How many bytes are kept for others.</param>
    /// <param name="open">Gives the stream of updates, or a <see cref="FlightResult"/> when the answer was stored after all.</param>
    /// <param name="ended">Is given a complete answer, before anybody sees its end.</param>
    /// <param name="release">Lets go of what <paramref name="open"/> took, however the stream ended.</param>
    public StreamFlight(
        FlightTable? table,
        RequestKey key,
        int handOvers,
        long limit,
        Func<CancellationToken, ValueTask<object>> open,
        Func<IReadOnlyList<ChatResponseUpdate>, FlightResult> ended,
        Func<ValueTask> release)
        : base(table, key, handOvers)
    {
        _tail = _head!;
        _limit = limit;
        _open = open;
        _ended = ended;
        _release = release;
    }

    protected override bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>What came of it, once the stream has ended.</summary>
    public FlightResult? Result { get; private set; }

    /// <summary>Starts reading from the first update.</summary>
    /// <returns>The reader, or <see langword="null"/> when the first updates are no longer there.</returns>
    public StreamReader? TryRead()
    {
        lock (_gate)
        {
            if (_head is null)
            {
                return null;
            }

            var reader = new StreamReader(_head);
            _readers.Add(reader);
            return reader;
        }
    }

    /// <summary>Whether the stream outgrew what is kept for others.</summary>
    public bool IsTooLarge
    {
        get
        {
            lock (_gate)
            {
                return _head is null;
            }
        }
    }

    /// <summary>Gives the next update, or <see langword="null"/> at the end.</summary>
    public async ValueTask<StreamNode?> NextAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task? wait = null;
            lock (_gate)
            {
                if (reader.Position is not { } position)
                {
                    throw new StreamInterruptedException(
                        $"The stream was read more than {_limit} bytes behind others that share it. Read faster, or ask with WithResponseCache(ResponseCacheMode.Bypass).");
                }

                if (position.Next is { } next)
                {
                    reader.Position = next;
                    reader.BytesRead += next.Size;
                    return next;
                }

                if (_hasEnded)
                {
                    if (_error is not null)
                    {
                        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_error);
                    }

                    return null;
                }

                if (_pulling)
                {
                    wait = PulledAsync();
                }

                _pulling = true;
            }

            wait ??= PullAsync();
            if (!wait.IsCompletedSuccessfully)
            {
                await wait.WaitAsync(cancellationToken);
            }
        }
    }

    protected override async Task EndedAsync()
    {
        Task pull;
        lock (_gate)
        {
            pull = _pulling ? PulledAsync() : Task.CompletedTask;
        }

        await pull;
        if (_source is { } source && !_hasEnded)
        {
            _hasEnded = true;
            try
            {
                await source.DisposeAsync();
            }
            finally
            {
                await _release();
            }
        }
    }

    private Task PulledAsync() => (_pulled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task PullAsync()
    {
        try
        {
            if (_source is null)
            {
                var opened = await _open(Token);
                if (opened is FlightResult found)
                {
                    await _release();
                    End(found, error: null);
                    return;
                }

                _source = ((IAsyncEnumerable<ChatResponseUpdate>)opened).GetAsyncEnumerator(Token);
            }

            if (await _source.MoveNextAsync())
            {
                Append(_source.Current);
                return;
            }

            await _source.DisposeAsync();
            var result = _head is null ? new FlightResult() : _ended(_head.Next?.Coalesced() ?? []);
            await _release();
            End(result, error: null);
        }
        catch (Exception exception)
        {
            // The failure is that of everyone who reads; they throw it.
            await DisposeQuietlyAsync();
            await _release();
            End(result: null, exception);
        }
    }

    private void Append(ChatResponseUpdate update)
    {
        // Without a stored form nobody can be given a copy: the leader goes on alone.
        var node = StreamNode.TryCreate(update, _tail);
        var isTooLarge = node is null || _bytes + node.Size > _limit;
        if (isTooLarge && _head is not null)
        {
            Close();
        }

        lock (_gate)
        {
            node ??= StreamNode.Alone(update);
            _tail.Next = node;
            _tail = node;
            _bytes += node.Size;
            if (isTooLarge)
            {
                _head = null;
                LeaveBehind(_bytes - node.Size);
            }

            Signal();
        }
    }

    // The newest update does not count: nobody has had time to read it.
    private void LeaveBehind(long bytes)
    {
        foreach (var reader in _readers)
        {
            if (bytes - reader.BytesRead > _limit)
            {
                reader.Position = null;
            }
        }
    }

    private void End(FlightResult? result, Exception? error)
    {
        // What was stored is found by those who come now; nobody joins a call that has ended.
        Close();
        lock (_gate)
        {
            Result = result;
            _error = error;
            _hasEnded = true;
            Signal();
        }
    }

    private void Signal()
    {
        _pulling = false;
        _pulled?.SetResult();
        _pulled = null;
    }

    private async ValueTask DisposeQuietlyAsync()
    {
        try
        {
            await (_source?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception)
        {
            // A stream that failed once often fails again here. The first failure is the one to report, and it is.
        }
    }
}
