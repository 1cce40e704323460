using System.Runtime.CompilerServices;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// A stream up to its commit point. <see cref="OpenAsync"/> reads until the first content, holding what has none (a role, an id), so that a failure
/// up to there can still be answered by another attempt; <see cref="ReadAsync"/> then hands on everything, once.
/// </summary>
/// <remarks>The bounds of what is held are those of Bifrost's start-up buffer: 64 updates or 256 KiB (docs.getbifrost.ai). Beyond them the stream commits.</remarks>
internal sealed class HeldStream : IAsyncDisposable
{
    private const int MaxHeldUpdates = 64;
    private const int MaxHeldBytes = 256 * 1024;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _source;
    private readonly CancellationToken _cancellationToken;
    private readonly List<ChatResponseUpdate> _held = [];
    private bool _finished;
    private bool _ended;
    private bool _disposed;

    private HeldStream(IAsyncEnumerator<ChatResponseUpdate> source, CancellationToken cancellationToken)
    {
        _source = source;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Reads to the commit point.</summary>
    /// <exception cref="StreamInterruptedException">The stream ended without content and without a finish reason.</exception>
    public static async ValueTask<HeldStream> OpenAsync(IAsyncEnumerable<ChatResponseUpdate> source, CancellationToken cancellationToken)
    {
        var stream = new HeldStream(source.GetAsyncEnumerator(cancellationToken), cancellationToken);
        try
        {
            await stream.ReadToContentAsync();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The whole stream. A failure from here on is a <see cref="StreamInterruptedException"/> that carries what came before it.</summary>
    public IAsyncEnumerable<ChatResponseUpdate> ReadAsync() =>
        ReadAsync(static (stream, _) => new ValueTask<HeldStream>(stream), this, _cancellationToken);

    /// <summary>
    /// The same for a stream that is opened when the reading begins, and disposed when it ends: a stage whose stream is this and no more needs no iterator of
    /// its own.
    /// </summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync<TState>(
        Func<TState, CancellationToken, ValueTask<HeldStream>> open, TState state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await open(state, cancellationToken);
        var partial = new PartialStream();
        foreach (var update in stream._held)
        {
            partial.Add(update);
            yield return update;
        }

        while (!stream._ended)
        {
            bool moved;
            try
            {
                moved = await stream._source.MoveNextAsync();
            }
            catch (Exception exception) when (!stream.IsPassedOn(exception))
            {
                throw partial.Interrupted("The stream failed after part of the answer had been passed on.", exception);
            }

            if (!moved)
            {
                break;
            }

            var current = stream._source.Current;
            stream._finished |= current.FinishReason is not null;
            partial.Add(current);
            yield return current;
        }

        if (!stream._finished)
        {
            throw partial.Interrupted("The stream ended without a finish reason: the answer may be cut.", null);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return default;
        }

        _disposed = true;
        return _source.DisposeAsync();
    }

    private async ValueTask ReadToContentAsync()
    {
        long bytes = 0;
        while (_held.Count < MaxHeldUpdates && bytes < MaxHeldBytes)
        {
            if (!await _source.MoveNextAsync())
            {
                _ended = true;
                if (!_finished)
                {
                    throw new StreamInterruptedException("The stream ended without content and without a finish reason.");
                }

                return;
            }

            _finished |= _source.Current.FinishReason is not null;
            _held.Add(_source.Current);
            if (StreamContent.HasContent(_source.Current))
            {
                return;
            }

            bytes += StreamContent.SizeWithoutContent(_source.Current);
        }
    }

    private bool IsPassedOn(Exception exception) =>
        exception is StreamInterruptedException or AgentRequestRejectedException
        || (exception is OperationCanceledException && _cancellationToken.IsCancellationRequested);
}
