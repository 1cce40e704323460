using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed partial class ResponseCacheChatClient
{
    // Stands for an answer that was too large to be kept.
    private static readonly CachedAnswer NoAnswer = new();

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = Look(list, options, out var answer);
        if (answer is not null)
        {
            return ReplayAsync(answer, options.GetAgentContext(), cancellationToken);
        }

        return call is null
            ? base.GetStreamingResponseAsync(list, ResponseCacheRequest.RemovedFrom(options), cancellationToken)
            : AskStreamAsync(call, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> ReplayAsync(
        CachedAnswer answer, AgentCallContext? context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _metrics.Hit(answer, "memory");
        Free(context, answer);
        foreach (var update in AnswerReplay.ToUpdates(answer, ResponseCacheProperties.Hit))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return update;
        }

        // Nothing to wait for: an async iterator all the same, since that is what callers enumerate.
        await Task.CompletedTask;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AskStreamAsync(CacheCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var takesOver = true;
        while (takesOver)
        {
            cancellationToken.ThrowIfCancellationRequested();
            takesOver = false;
            var flight = Board(call, isStreaming: true, out var leads);
            try
            {
                var reader = (flight as StreamFlight)?.TryRead();
                var joinedAny = false;
                FlightResult? result = null;
                while (true)
                {
                    StreamNode? node = null;
                    try
                    {
                        if (flight is WholeFlight whole)
                        {
                            result = await whole.WaitAsync(cancellationToken);
                        }
                        else if (reader is not null && (node = await ((StreamFlight)flight).NextAsync(reader, cancellationToken)) is null)
                        {
                            result = ((StreamFlight)flight).Result;
                        }
                    }
                    catch (Exception exception) when (!leads && !joinedAny && MayTakeOver(call, flight, exception, cancellationToken))
                    {
                        LogHandedOver(exception);
                        takesOver = true;
                    }

                    if (node is null)
                    {
                        break;
                    }

                    if (leads)
                    {
                        call.Report();
                    }

                    yield return leads ? Take(node) : node.Create(joined: true);
                    joinedAny = true;
                }

                if (takesOver)
                {
                    continue;
                }

                if (joinedAny)
                {
                    if (!leads)
                    {
                        yield return Landed(call, result?.Answer);
                    }

                    yield break;
                }

                if (result is { Answer: not null } && (result.Level is not null || !leads))
                {
                    foreach (var update in Replay(result, call))
                    {
                        yield return update;
                    }

                    yield break;
                }

                if (leads)
                {
                    yield break;
                }
            }
            finally
            {
                if (leads)
                {
                    call.Report();
                }

                await flight.LeaveAsync();
            }

            // The answer is too large to be shared, or has no stored form.
            _metrics.Missed();
            call.IsShared(false);
            try
            {
                await foreach (var update in InnerClient.GetStreamingResponseAsync(call.Messages, call.Options, cancellationToken))
                {
                    call.Report();
                    yield return update;
                }
            }
            finally
            {
                call.Report();
            }
        }
    }

    private ChatResponseUpdate Landed(CacheCall call, CachedAnswer? answer)
    {
        _metrics.Joined(answer);
        call.Free(answer);
        return AnswerReplay.Last(answer ?? NoAnswer, ResponseCacheProperties.Joined);
    }

    private IEnumerable<ChatResponseUpdate> Replay(FlightResult result, CacheCall call)
    {
        var answer = result.Answer!;
        if (result.Level is { } level)
        {
            _metrics.Hit(answer, level);
        }
        else
        {
            _metrics.Joined(answer);
        }

        call.Free(answer);
        return AnswerReplay.ToUpdates(answer, result.Level is null ? ResponseCacheProperties.Joined : ResponseCacheProperties.Hit, result.Similarity);
    }

    private static ChatResponseUpdate Take(StreamNode node)
    {
        var update = node.Original!;
        node.Original = null;
        return update;
    }
}
