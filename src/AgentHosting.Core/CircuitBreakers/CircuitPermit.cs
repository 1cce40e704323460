namespace AgentHosting.CircuitBreakers;

/// <summary>The right to make one call. It goes back to the store with the call's outcome, whatever happens.</summary>
public readonly struct CircuitPermit : IEquatable<CircuitPermit>
{
    /// <summary>The circuit.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The generation of the circuit in which the permit was given. Each change of state and each probe begins one, so that a result which comes late
    /// finds another generation and changes nothing, a late success of a probe apart.
    /// </summary>
    public required long Generation { get; init; }

    /// <summary>Whether the call probes a circuit that was open.</summary>
    public bool IsProbe { get; init; }

    /// <inheritdoc />
    public bool Equals(CircuitPermit other) => Generation == other.Generation && IsProbe == other.IsProbe && Key == other.Key;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is CircuitPermit other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Key, Generation, IsProbe);

    /// <summary>Whether two permits are the same.</summary>
    public static bool operator ==(CircuitPermit left, CircuitPermit right) => left.Equals(right);

    /// <summary>Whether two permits differ.</summary>
    public static bool operator !=(CircuitPermit left, CircuitPermit right) => !left.Equals(right);
}
