using AgentHosting.SpendLedgers;

namespace AgentHosting.TokenBudgets;

/// <summary>A request that a budget does not cover. Nothing was sent and nothing is charged.</summary>
public sealed class BudgetExceededException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public BudgetExceededException()
        : base("The budget does not cover the request.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public BudgetExceededException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public BudgetExceededException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whose budget.</summary>
    public SpendScope Scope { get; init; }

    /// <summary>The name of the user, run, tenant...; empty for all.</summary>
    public string ScopeId { get; init; } = "";

    /// <summary>What is counted.</summary>
    public SpendUnit Unit { get; init; }

    /// <summary>The cap; money in the host's currency.</summary>
    public decimal Limit { get; init; }

    /// <summary>What is left of it, in the same unit.</summary>
    public decimal Remaining { get; init; }

    /// <summary>When enough is forgotten, if nothing else is spent; <see langword="null"/> for never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}
