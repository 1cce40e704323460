namespace AgentHosting.CircuitBreakers;

/// <summary>A circuit as it stands now.</summary>
public sealed class CircuitStatus
{
    /// <summary>What it does with calls. An open circuit whose time is over is still open until a call asks.</summary>
    public required CircuitState State { get; init; }

    /// <summary>How long calls are refused from now on; zero when one may pass.</summary>
    public required TimeSpan RetryAfter { get; init; }

    /// <summary>The successes in the window.</summary>
    public required int Successes { get; init; }

    /// <summary>The failures in the window.</summary>
    public required int Failures { get; init; }

    /// <summary>Whether the one permit of a half-open circuit is out.</summary>
    public required bool ProbeInFlight { get; init; }
}
