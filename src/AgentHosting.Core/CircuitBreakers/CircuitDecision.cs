namespace AgentHosting.CircuitBreakers;

/// <summary>The answer of a store to a call that asks to pass: a permit, or how long to wait.</summary>
public readonly struct CircuitDecision : IEquatable<CircuitDecision>
{
    /// <summary>Whether the call may be made.</summary>
    public bool IsAllowed { get; init; }

    /// <summary>The permit of an allowed call.</summary>
    public CircuitPermit Permit { get; init; }

    /// <summary>How long a refused call should wait before it asks again.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <inheritdoc />
    public bool Equals(CircuitDecision other) => IsAllowed == other.IsAllowed && Permit == other.Permit && RetryAfter == other.RetryAfter;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is CircuitDecision other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(IsAllowed, Permit, RetryAfter);

    /// <summary>Whether two decisions are the same.</summary>
    public static bool operator ==(CircuitDecision left, CircuitDecision right) => left.Equals(right);

    /// <summary>Whether two decisions differ.</summary>
    public static bool operator !=(CircuitDecision left, CircuitDecision right) => !left.Equals(right);
}
