namespace AgentHosting.CircuitBreakers;

/// <summary>What a circuit does with calls.</summary>
public enum CircuitState
{
    /// <summary>Calls pass.</summary>
    Closed = 0,

    /// <summary>Calls are refused until a point in time.</summary>
    Open = 1,

    /// <summary>One call at a time passes, to see whether the model is well again.</summary>
    HalfOpen = 2,
}
