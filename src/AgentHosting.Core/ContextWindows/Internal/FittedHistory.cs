using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>What became of a history that was too long.</summary>
internal sealed class FittedHistory
{
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>What it counts.</summary>
    public required long Tokens { get; init; }
}
