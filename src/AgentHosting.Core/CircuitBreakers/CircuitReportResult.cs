namespace AgentHosting.CircuitBreakers;

/// <summary>The answer of a store to a reported outcome.</summary>
public readonly struct CircuitReportResult : IEquatable<CircuitReportResult>
{
    /// <summary>What changed.</summary>
    public CircuitTransition Transition { get; init; }

    /// <summary>How long calls are refused from now on, when the circuit opened or paused.</summary>
    public TimeSpan OpenFor { get; init; }

    /// <inheritdoc />
    public bool Equals(CircuitReportResult other) => Transition == other.Transition && OpenFor == other.OpenFor;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is CircuitReportResult other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Transition, OpenFor);

    /// <summary>Whether two results say the same.</summary>
    public static bool operator ==(CircuitReportResult left, CircuitReportResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    public static bool operator !=(CircuitReportResult left, CircuitReportResult right) => !left.Equals(right);
}
