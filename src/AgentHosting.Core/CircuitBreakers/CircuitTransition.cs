namespace AgentHosting.CircuitBreakers;

/// <summary>What a reported outcome changed.</summary>
public enum CircuitTransition
{
    /// <summary>Nothing that a caller notices.</summary>
    None = 0,

    /// <summary>The circuit opened: too many failures, or a failed probe.</summary>
    Opened = 1,

    /// <summary>The circuit closed: enough probes succeeded.</summary>
    Closed = 2,

    /// <summary>The provider asked for a pause: calls are refused until it is over. The counts of failures stay as they are.</summary>
    Paused = 3,
}
