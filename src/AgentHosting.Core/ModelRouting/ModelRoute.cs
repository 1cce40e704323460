namespace AgentHosting.ModelRouting;

/// <summary>A chosen model.</summary>
public sealed class ModelRoute
{
    /// <summary>The name that becomes <c>ChatOptions.ModelId</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Why, in a word or two of a small vocabulary: it becomes a tag of a metric.</summary>
    public required string Reason { get; init; }
}
