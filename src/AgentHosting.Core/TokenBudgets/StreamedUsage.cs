namespace AgentHosting.TokenBudgets;

/// <summary>How a provider reports usage when it does so more than once in a stream.</summary>
public enum StreamedUsage
{
    /// <summary>Each report is what was used since the one before it.</summary>
    Sum,

    /// <summary>Each report is what was used so far: the last one counts.</summary>
    Last,
}
