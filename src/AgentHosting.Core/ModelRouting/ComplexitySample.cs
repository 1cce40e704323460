namespace AgentHosting.ModelRouting;

/// <summary>A prompt with the known outcome of the weak and of the strong model.</summary>
public sealed class ComplexitySample
{
    /// <summary>The last turn of the user.</summary>
    public required string Prompt { get; init; }

    /// <summary>How good the weak model's answer was, for example 0 or 1.</summary>
    public required double WeakQuality { get; init; }

    /// <summary>How good the strong model's answer was, on the same scale.</summary>
    public required double StrongQuality { get; init; }
}
