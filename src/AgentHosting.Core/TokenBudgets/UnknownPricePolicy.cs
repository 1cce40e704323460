namespace AgentHosting.TokenBudgets;

/// <summary>What becomes of a request to a model without a price while money is capped.</summary>
public enum UnknownPricePolicy
{
    /// <summary>It is refused.</summary>
    Reject,

    /// <summary>It is made, and caps on money do not see it.</summary>
    Allow,
}
