namespace AgentHosting.SpendLedgers;

/// <summary>Tells how much of its budget a caller has used. A stage that keeps budgets gives it to those above it, through <c>GetService</c>.</summary>
public interface ISpendHeadroom
{
    /// <summary>The largest used share of the limits that apply to a caller, what is set aside included.</summary>
    /// <param name="context">The caller; <see langword="null"/> for one that is not known, to whom only global limits apply.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>0 when nothing is used or no limit applies, 1 when one is used up. Limits on one request or on one model are left out.</returns>
    ValueTask<double> GetUsedShareAsync(AgentCallContext? context, CancellationToken cancellationToken);
}
