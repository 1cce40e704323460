namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The unit that counters are kept in: a billionth of the host's currency, in a whole number.</summary>
internal static class SpendMoney
{
    private const decimal NanosPerUnit = 1_000_000_000m;

    /// <summary>Rounds a cost up, once for each request, so that a cap is never passed by what was rounded away.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative or above <see cref="SpendLimit.MaxNanos"/>.</exception>
    public static long ToNanos(decimal cost)
    {
        if (cost < 0 || cost > SpendLimit.MaxNanos / NanosPerUnit)
        {
            throw new ArgumentOutOfRangeException(nameof(cost), cost, $"A cost is between 0 and {SpendLimit.MaxNanos / NanosPerUnit}. Check the prices: they are for a million tokens.");
        }

        return (long)decimal.Ceiling(cost * NanosPerUnit);
    }

    /// <summary>Rounds a cap down, so that not even a fraction of a billionth passes it.</summary>
    public static long CapToNanos(decimal cap) => (long)decimal.Floor(cap * NanosPerUnit);

    public static decimal FromNanos(long nanos) => nanos / NanosPerUnit;
}
