namespace AgentHosting.CircuitBreakers;

/// <summary>The rules of a circuit, as a store gets them with every call. Immutable.</summary>
public sealed class CircuitSettings
{
    /// <summary>The share of failures, of all counted results in the window, from which the circuit opens.</summary>
    public required double FailureRatio { get; init; }

    /// <summary>How many results the window must hold before the share says anything.</summary>
    public required int MinimumCalls { get; init; }

    /// <summary>The length of the sliding window.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>How long the circuit stays open the first time. Each failed probe doubles it.</summary>
    public required TimeSpan OpenDuration { get; init; }

    /// <summary>The most that doubling leads to.</summary>
    public required TimeSpan MaxOpenDuration { get; init; }

    /// <summary>How many probes must succeed, one after the other, before the circuit closes.</summary>
    public required int SuccessesToClose { get; init; }

    /// <summary>How long a probe holds its permit at most: after it another call may probe, since the process that held it may be gone.</summary>
    public required TimeSpan ProbeLease { get; init; }
}
