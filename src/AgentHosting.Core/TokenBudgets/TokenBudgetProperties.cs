namespace AgentHosting.TokenBudgets;

/// <summary>Names under which the budget marks what it did, in <c>AdditionalProperties</c> of responses and updates.</summary>
public static class TokenBudgetProperties
{
    /// <summary><see langword="true"/> on the last update of a stream that was ended at its budget.</summary>
    public const string Stopped = "agenthosting.token_budget.stopped";
}
