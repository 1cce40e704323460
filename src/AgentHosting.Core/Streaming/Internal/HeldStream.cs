using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// A stream up to its commit point. <see cref="OpenAsync"/> reads until the first content, holding what has none (a role, an id), so that a failure
/// up to there can still be answered by another attempt; <see cref="ReadAsync"/> then hands on everything, once.
/// </summary>
/// <remarks>The bounds of what is held are those of Bifrost's start-up buffer: 64 updates (docs.getbifrost.ai). Beyond them the stream commits.</remarks>
internal sealed class HeldStream : IAsyncDisposable
{
    private const int MaxHeldUpdates = 64;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _source;
    private readonly CancellationToken _cancellationToken;
    private readonly List<ChatResponseUpdate> _held = [];
    private bool _finished;
    private bool _ended;

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
    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync()
    {
        var partial = new PartialStream();
        foreach (var update in _held)
        {
            partial.Add(update);
            yield return update;
        }

        while (!_ended)
        {
            bool moved;
            try
            {
                moved = await _source.MoveNextAsync();
            }
            catch (Exception exception) when (!IsPassedOn(exception))
            {
                throw partial.Interrupted("The stream failed after part of the answer had been passed on.", exception);
            }

            if (!moved)
            {
                break;
            }

            _finished |= _source.Current.FinishReason is not null;
            partial.Add(_source.Current);
            yield return _source.Current;
        }

        if (!_finished)
        {
            throw partial.Interrupted("The stream ended without a finish reason: the answer may be cut.", null);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async ValueTask ReadToContentAsync()
    {
        while (_held.Count < MaxHeldUpdates)
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
        }
    }

    private bool IsPassedOn(Exception exception) =>
        exception is StreamInterruptedException or AgentRequestRejectedException
        || (exception is OperationCanceledException && _cancellationToken.IsCancellationRequested);
}
