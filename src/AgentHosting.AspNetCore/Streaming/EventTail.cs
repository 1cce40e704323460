using AgentHosting.AspNetCore.Internal;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Streaming;

/// <summary>Copies the events of a run to a reader until the last one, with a sign of life whenever it is quiet for long.</summary>
internal sealed class EventTail(SseWriter writer, TimeSpan pingInterval, TimeProvider timeProvider)
{
    private const int MaxUnflushedBytes = 16 * 1024;

    /// <summary>Copies what <paramref name="events"/> yields. Events that are there already leave together; nothing is held back while the next one is awaited.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="events">The events; the caller disposes them.</param>
    /// <param name="first">A <c>MoveNextAsync</c> that was already called.</param>
    /// <param name="stop">Ends the copy and the events. Cancelled here when the copy ends early, so that no watch outlives its reader.</param>
    public async Task CopyAsync(string runId, IAsyncEnumerator<AgentRunEvent> events, Task<bool>? first, CancellationTokenSource stop)
    {
        var cancellationToken = stop.Token;
        var next = first ?? events.MoveNextAsync().AsTask();
        try
        {
            while (await WaitAsync(next, cancellationToken) && await next)
            {
                var current = events.Current;
                writer.Write(current.Sequence, current.Type, RunEventBody.From(current, runId), EndpointJsonContext.Wire.RunEventBody);
                if (writer.UnflushedBytes >= MaxUnflushedBytes && !await writer.FlushAsync(cancellationToken))
                {
                    return;
                }

                next = events.MoveNextAsync().AsTask();
            }

            await writer.FlushAsync(cancellationToken);
        }
        finally
        {
            // An enumerator may not be disposed while it moves.
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether <paramref name="next"/> is done; else nobody reads any more.</returns>
    private async ValueTask<bool> WaitAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        while (!next.IsCompleted)
        {
            if (writer.UnflushedBytes > 0 && !await writer.FlushAsync(cancellationToken))
            {
                return false;
            }

            await ((Task)next).WaitAsync(pingInterval, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!next.IsCompleted)
            {
                writer.WritePing();
            }
        }

        return true;
    }
}
