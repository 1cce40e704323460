namespace AgentHosting.Routing.Evaluation;

/// <summary>A prompt and how a weak and a strong model did on it.</summary>
public sealed class RoutingSample
{
    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string Subject { get; init; }

    /// <summary>Whether the weak model answered right.</summary>
    public required bool Weak { get; init; }

    /// <summary>Whether the strong model answered right.</summary>
    public required bool Strong { get; init; }

    /// <summary>What the strong call gains: 1, 0, or -1 where only the weak model was right.</summary>
    public int Gain => (Strong ? 1 : 0) - (Weak ? 1 : 0);
}
