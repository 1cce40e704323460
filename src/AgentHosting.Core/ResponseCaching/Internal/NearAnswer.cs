namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The answered question that means the same.</summary>
internal sealed class NearAnswer
{
    /// <summary>The request whose answer it shares.</summary>
    public required RequestKey Key { get; init; }

    public required double Similarity { get; init; }
}
