using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails;

/// <summary>A check of your own for what comes in. Must be thread-safe.</summary>
public interface IInputValidator
{
    /// <summary>Checks a message that has passed the other checks.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">What is known of the call.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns><see langword="null"/>, or what is wrong and how to mend it, which the caller gets to see.</returns>
    ValueTask<string?> ValidateAsync(ChatMessage message, AgentCallContext? context, CancellationToken cancellationToken);
}
