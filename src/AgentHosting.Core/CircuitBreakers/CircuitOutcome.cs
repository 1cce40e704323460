namespace AgentHosting.CircuitBreakers;

/// <summary>What a call says about the health of its model.</summary>
public enum CircuitOutcome
{
    /// <summary>Nothing: the caller cancelled or stopped reading, a stage refused the call, or the request itself was wrong. The permit comes back.</summary>
    Neutral = 0,

    /// <summary>The model answered to the end.</summary>
    Success = 1,

    /// <summary>The model failed.</summary>
    Failure = 2,
}
