using System.Runtime.CompilerServices;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// A stream up to its commit point, and on from there. <see cref="OpenAsync"/> reads until the first content, holding what has none (a role, an id), so that a
/// failure up to there can still be answered by another attempt; then everything is handed on, once.
/// </summary>
/// <remarks>
/// The bounds of what is held are those of Bifrost's start-up buffer: 64 updates or 256 KiB (docs.getbifrost.ai). Beyond them the stream commits. An enumerator by hand:
/// as an async iterator it would cost each update some 17 ns more, once for every stage that holds.
/// </remarks>
internal sealed class HeldStream : IAsyncDisposable
{
    private const int MaxHeldUpdates = 64;
    private const int MaxHeldBytes = 256 * 1024;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _source;
    private readonly CancellationToken _cancellationToken;
    private readonly List<ChatResponseUpdate> _held = [];
    private readonly PartialStream? _partial;
    private IDisposable? _owned;
    private int _next;
    private bool _hasContent;
    private bool _finished;
    private bool _goesOn;
    private bool _ended;
    private bool _failed;
    private bool _disposed;

    private HeldStream(IAsyncEnumerable<ChatResponseUpdate> source, CancellationToken cancellationToken)
    {
        // What a stage below reports in our form needs no second account of what came before it.
        _partial = source is HeldUpdates ? null : new PartialStream();
        _source = source.GetAsyncEnumerator(cancellationToken);
        _cancellationToken = cancellationToken;
    }

    private HeldStream(ChatResponseUpdate only)
    {
        _source = AsyncEnumerable.Empty<ChatResponseUpdate>().GetAsyncEnumerator(CancellationToken.None);
        _held.Add(only);
        _ended = true;
    }

    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Reads to the commit point.</summary>
    /// <exception cref="StreamInterruptedException">The stream ended without content and without a finish reason.</exception>
    public static async ValueTask<HeldStream> OpenAsync(IAsyncEnumerable<ChatResponseUpdate> source, CancellationToken cancellationToken)
    {
        var stream = new HeldStream(source, cancellationToken);
        try
        {
            await stream.ReadToContentAsync();
            return stream;
        }
        catch
        {
            await FailedStream.DisposeAsync(stream);
            throw;
        }
    }

    /// <summary>A stream of one update that is the whole answer.</summary>
    public static HeldStream Of(ChatResponseUpdate only) => new(only);

    /// <summary>Disposes something with the stream.</summary>
    public HeldStream Owning(IDisposable owned)
    {
        _owned = owned;
        return this;
    }

    /// <summary>Goes to the next update.</summary>
    /// <exception cref="StreamInterruptedException">The stream failed, or ended without a finish reason. It carries what came before.</exception>
    public ValueTask<bool> MoveNextAsync()
    {
        if (_next < _held.Count)
        {
            Give(_held[_next++]);
            return new ValueTask<bool>(true);
        }

        if (_ended)
        {
            return new ValueTask<bool>(false);
        }

        ValueTask<bool> move;
        try
        {
            move = _source.MoveNextAsync();
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<bool>(Failed(exception));
        }

        if (!move.IsCompletedSuccessfully)
        {
            return AwaitAsync(move);
        }

        return move.Result ? Given() : Ended();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            await (_failed ? FailedStream.DisposeAsync(_source) : _source.DisposeAsync());
        }
        finally
        {
            _owned?.Dispose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AwaitAsync(ValueTask<bool> move)
    {
        bool moved;
        try
        {
            moved = await move;
        }
        catch (Exception exception)
        {
            if (Failed(exception) is var failure && !ReferenceEquals(failure, exception))
            {
                throw failure;
            }

            throw;
        }

        return await (moved ? Given() : Ended());
    }

    private ValueTask<bool> Given()
    {
        var current = _source.Current;
        Note(current);
        Give(current);
        return new ValueTask<bool>(true);
    }

    private ValueTask<bool> Ended()
    {
        _ended = true;
        return _finished || _goesOn || _partial is null
            ? new ValueTask<bool>(false)
            : ValueTask.FromException<bool>(_partial.Interrupted(_hasContent ? CompleteAnswer.Unfinished : CompleteAnswer.Empty, null));
    }

    private void Note(ChatResponseUpdate update)
    {
        _finished |= update.FinishReason is not null;
        _goesOn = BackgroundAnswer.GoesOn(update);
    }

    private void Give(ChatResponseUpdate update)
    {
        _hasContent = _hasContent || StreamContent.HasContent(update);
        _partial?.Add(update);
        Current = update;
    }

    private async ValueTask ReadToContentAsync()
    {
        long bytes = 0;
        while (_held.Count < MaxHeldUpdates && bytes < MaxHeldBytes)
        {
            if (!await _source.MoveNextAsync())
            {
                _ended = true;
                if (!_finished && !_goesOn)
                {
                    throw Nothing();
                }

                return;
            }

            Note(_source.Current);
            _held.Add(_source.Current);
            // The token of an answer that the provider works out in the background commits too: it is under way, and another attempt would be billed beside it.
            if (_goesOn || StreamContent.HasContent(_source.Current))
            {
                return;
            }

            bytes += StreamContent.SizeWithoutContent(_source.Current);
        }
    }

    private StreamInterruptedException Nothing()
    {
        var held = new PartialStream();
        foreach (var update in _held)
        {
            held.Add(update);
        }

        return held.Interrupted(CompleteAnswer.Empty, null);
    }

    private Exception Failed(Exception exception)
    {
        _ended = _failed = true;
        return _partial is null || IsPassedOn(exception) ? exception : _partial.Interrupted(
            _hasContent
                ? "The stream failed after part of the answer had been passed on."
                : $"The stream failed before its first content, but after more updates without content than are held ({MaxHeldUpdates}, or {MaxHeldBytes / 1024} KiB): they had been passed on.",
            exception);
    }

    private bool IsPassedOn(Exception exception) =>
        exception is StreamInterruptedException or AgentRequestRejectedException
        || (exception is OperationCanceledException && _cancellationToken.IsCancellationRequested);
}
