using AgentHosting.Pricing.Internal;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The unit that counters are kept in: a billionth of the host's currency, in a whole number.</summary>
internal static class SpendMoney
{
    private const int Places = 9;
    private const decimal NanosPerUnit = 1_000_000_000m;
    private const decimal Most = SpendLimit.MaxNanos / NanosPerUnit;

    /// <summary>Rounds a cost up, once for each request, so that a cap is never passed by what was rounded away.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative or above <see cref="SpendLimit.MaxNanos"/>.</exception>
    public static long ToNanos(decimal cost)
    {
        if (WholeDecimal.TryCeiling(cost, Places, out var nanos) && nanos <= SpendLimit.MaxNanos)
        {
            return (long)nanos;
        }

        if (decimal.Sign(cost) < 0 || cost > Most)
        {
            throw new ArgumentOutOfRangeException(nameof(cost), cost, $"A cost is between 0 and {Most}. Check the prices: they are for a million tokens.");
        }

        return (long)decimal.Ceiling(cost * NanosPerUnit);
    }

    /// <summary>Whether a counter can hold a cost.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative or above <see cref="SpendLimit.MaxNanos"/>.</exception>
    public static void Check(decimal cost) => _ = ToNanos(cost);

    /// <summary>Rounds a cap down, so that not even a fraction of a billionth passes it.</summary>
    public static long CapToNanos(decimal cap) => (long)decimal.Floor(cap * NanosPerUnit);

    public static decimal FromNanos(long nanos) => nanos / NanosPerUnit;
}
