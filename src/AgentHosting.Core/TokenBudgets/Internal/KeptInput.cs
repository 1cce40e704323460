using AgentHosting.Models;
using Microsoft.Extensions.AI;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>What a request has the provider read that it does not hold itself, and nobody here can count: files and history that the provider keeps.</summary>
internal static class KeptInput
{
    public static long Count(IReadOnlyList<ChatMessage> messages, ChatOptions? options, long countedTokens, ModelOptions? model, TokenBudgetOptions budget)
    {
        long tokens = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var k = 0; k < contents.Count; k++)
            {
                tokens += contents[k] is HostedFileContent ? budget.HostedFileTokens : 0;
            }
        }

        if (options?.ConversationId is not null)
        {
            tokens += budget.KeptHistoryTokens ?? model?.ContextWindow ?? TokenBudgetDefaults.KeptHistoryTokens;
        }

        // More than the model takes is not read.
        return model?.ContextWindow is { } window ? Math.Min(tokens, Math.Max(0, window - countedTokens)) : tokens;
    }
}
