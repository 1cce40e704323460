namespace AgentHosting.SpendLedgers;

/// <summary>The answer to a reservation.</summary>
public sealed class SpendReservationResult
{
    /// <summary>Whether it was set aside. All limits allow it, or nothing was changed.</summary>
    public bool IsGranted => Refusal is null;

    /// <summary>The limit that does not allow it.</summary>
    public SpendRefusal? Refusal { get; init; }

    /// <summary>What is reached by it: the limit that refuses counts as used up, what earlier attempts of the step left open is charged, and so may be what others left open whose lease has ended.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendCrossing> Crossings { get; init; } = [];

    /// <summary>What it has made unusually high.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendAnomaly> Anomalies { get; init; } = [];
}
