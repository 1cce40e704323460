namespace AgentHosting.Routing.Evaluation;

/// <summary>A prompt and how a weak and a strong model did on it.</summary>
public sealed class RoutingSample
{
    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string Subject { get; init; }

    /// <summary>How well the weak model answered, from 0 to 1; 1 is right.</summary>
    public required double Weak { get; init; }

    /// <summary>How well the strong model answered, from 0 to 1; 1 is right.</summary>
    public required double Strong { get; init; }

    /// <summary>What the strong call gains: from -1, where only the weak model was right, to 1.</summary>
    public double Gain => Strong - Weak;
}
