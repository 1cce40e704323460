using Microsoft.Extensions.AI;

namespace AgentHosting.Retries.Internal;

/// <summary>What every attempt of one call is made from.</summary>
internal readonly record struct RetryAttempt(
    RetryChatClient Client, IEnumerable<ChatMessage> Messages, ChatOptions? Options, string Model, RetryBudget Budget, long StartedAt);
