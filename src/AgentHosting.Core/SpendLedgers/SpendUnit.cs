namespace AgentHosting.SpendLedgers;

/// <summary>What a cap is counted in.</summary>
public enum SpendUnit
{
    /// <summary>Money, in billionths of the host's currency.</summary>
    Cost,

    /// <summary>Tokens, input and output together.</summary>
    Tokens,

    /// <summary>Requests to providers.</summary>
    Calls,
}
