namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The tokens of a request, as counters hold them: one report without sense must not make a counter go round, after which no cap would hold.</summary>
internal static class SpendTokens
{
    // As of money: a thousand of them still fit into a counter.
    private const long Most = SpendLimit.MaxNanos;

    /// <summary>Adds input and output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is negative, or they are more than counters are made for.</exception>
    public static long Sum(long input, long output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input);
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input, Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output, Most - input);
        return input + output;
    }
}
