using AgentHosting.Pricing;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Makes a history fit a number of tokens.</summary>
internal sealed class HistoryFitter(ContextWindowOptions options, IChatReducer? reducer, ITokenCounter counter, Action<Exception> onReducerFailed)
{
    // The sum of messages may differ from the whole a little; each try aims lower by the difference.
    private const int MaxTries = 4;

    public long Count(IReadOnlyList<ChatMessage> messages, ChatOptions? request) => counter.CountInput(messages, request);

    /// <summary>Cuts a history that was found too long. The result may still be: then it is the least that can be sent.</summary>
    public async ValueTask<FittedHistory> FitAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? request, long tokens, long limit, CancellationToken cancellationToken)
    {
        if (reducer is not null && await ReduceAsync(messages, cancellationToken) is { } reduced)
        {
            // A reducer that made it longer has done nothing for us.
            var left = Count(reduced, request);
            if (left < tokens)
            {
                (messages, tokens) = (reduced, left);
            }
        }

        return tokens <= limit ? new FittedHistory { Messages = messages, Tokens = tokens } : Cut(messages, request, tokens, limit);
    }

    private FittedHistory Cut(IReadOnlyList<ChatMessage> messages, ChatOptions? request, long tokens, long limit)
    {
        var cut = new HistoryCut(messages, tokens, options, counter);
        var target = limit;
        for (var i = 0; ; i++)
        {
            var before = cut.Total;
            cut.To(target);
            var left = cut.ToMessages();
            var counted = Count(left, request);
            if (counted <= limit || cut.Total == before || i == MaxTries)
            {
                return new FittedHistory { Messages = left, Tokens = counted };
            }

            target = Math.Min(target, cut.Total) - (counted - limit);
        }
    }

    private async ValueTask<IReadOnlyList<ChatMessage>?> ReduceAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            return TranscriptRepair.Repair(ReducedHistory.Of(messages, await reducer!.ReduceAsync(messages, cancellationToken)));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            onReducerFailed(exception);
            return null;
        }
    }
}
