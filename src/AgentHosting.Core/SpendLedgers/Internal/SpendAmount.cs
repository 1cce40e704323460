namespace AgentHosting.SpendLedgers.Internal;

/// <summary>An amount in each of the units that caps are counted in.</summary>
internal readonly record struct SpendAmount(long CostNanos, long Tokens, long Calls)
{
    public long Of(SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => CostNanos,
        SpendUnit.Tokens => Tokens,
        _ => Calls,
    };

    public static SpendAmount operator +(SpendAmount left, SpendAmount right) =>
        new(left.CostNanos + right.CostNanos, left.Tokens + right.Tokens, left.Calls + right.Calls);

    public static SpendAmount operator -(SpendAmount left, SpendAmount right) =>
        new(left.CostNanos - right.CostNanos, left.Tokens - right.Tokens, left.Calls - right.Calls);
}
