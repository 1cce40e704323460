namespace AgentHosting.SpendLedgers.Internal;

/// <summary>One share of one cap, and in which slice of its counter it was told that it is reached.</summary>
internal sealed class SpendThreshold(SpendUnit unit, long cap, double ratio)
{
    public SpendUnit Unit => unit;

    public long Cap => cap;

    public double Ratio => ratio;

    /// <summary>What must be settled. In decimal, so that 0.07 of 100 is 7.</summary>
    public long Amount { get; } = Math.Max(1, (long)decimal.Ceiling(cap * (decimal)ratio));

    public long? ToldIn { get; set; }
}
