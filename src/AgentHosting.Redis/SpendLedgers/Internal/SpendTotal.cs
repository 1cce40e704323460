using System.Numerics;
using AgentHosting.SpendLedgers;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>A sum of stored sums.</summary>
internal sealed class SpendTotal
{
    private const int Scale = 28;
    private long _calls;
    private long _estimated;
    private long _unpriced;
    private long _input;
    private long _output;
    private long _cached;
    // In 10^-28 of the currency, the last place that a decimal has.
    private BigInteger _cost;

    /// <summary>Adds a sum as <c>spend-sums.lua</c> gives it.</summary>
    public void Add(RedisResult sum)
    {
        _calls += (long)sum[1];
        _estimated += (long)sum[2];
        _unpriced += (long)sum[3];
        _input += (long)sum[4];
        _output += (long)sum[5];
        _cached += (long)sum[6];
        _cost += (((((BigInteger)(long)sum[7] * 10_000_000_000) + (long)sum[8]) * 1_000_000_000) + (long)sum[9]) * 1_000_000_000 + (long)sum[10];
    }

    public SpendSummary ToSummary(string? tenantId, string key) => new()
    {
        TenantId = tenantId,
        Key = key,
        Calls = _calls,
        EstimatedCalls = _estimated,
        UnpricedCalls = _unpriced,
        InputTokens = _input,
        OutputTokens = _output,
        CachedInputTokens = _cached,
        Cost = ToDecimal(_cost),
    };

    /// <summary>Exact where a decimal can hold it, else rounded to what one can.</summary>
    private static decimal ToDecimal(BigInteger cost)
    {
        var (whole, rest) = (BigInteger.DivRem(cost, BigInteger.Pow(10, Scale), out var digits), digits);
        // Two decimals hold each their part; their sum is rounded once, and only where it has more digits than one holds.
        return (decimal)whole + ((decimal)rest / 10_000_000_000_000_000_000_000_000_000m);
    }
}
