namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The answer to a question that means the same.</summary>
internal sealed class NearAnswer
{
    public required CachedAnswer Answer { get; init; }

    public required double Similarity { get; init; }
}
