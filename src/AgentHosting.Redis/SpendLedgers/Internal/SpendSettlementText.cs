using System.Globalization;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>Settlements and rows as they are stored; <c>spend-book.lua</c> says how.</summary>
internal static class SpendSettlementText
{
    public static string Of(SpendSettlement settlement)
    {
        var (cached, written, reasoning) = (Sane(settlement.CachedInputTokens), Sane(settlement.CacheWriteTokens), Sane(settlement.ReasoningTokens));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{settlement.InputTokens} {settlement.OutputTokens} {cached} {written} {reasoning} {(settlement.IsEstimated ? 1 : 0)} {(int)settlement.Outcome} {Of(settlement.Cost)}");
    }

    /// <summary>A cost with all of its digits; <c>-</c> for one that is not known.</summary>
    public static string Of(decimal? cost) => cost?.ToString(CultureInfo.InvariantCulture) ?? "-";

    public static SpendRow ToRow(string text)
    {
        var lines = text.Split('\n', 3);
        var parts = lines[0].Split(' ');
        return new SpendRow
        {
            Account = SpendAccountText.ToAccount(lines[1]),
            At = RedisTime.ToTime(Number(parts[0])),
            Settlement = new SpendSettlement
            {
                Id = lines[2],
                InputTokens = Number(parts[1]),
                OutputTokens = Number(parts[2]),
                CachedInputTokens = Number(parts[3]),
                CacheWriteTokens = Number(parts[4]),
                ReasoningTokens = Number(parts[5]),
                IsEstimated = parts[6] == "1",
                Outcome = (SpendOutcome)Number(parts[7]),
                Cost = parts[8] == "-" ? null : decimal.Parse(parts[8], NumberStyles.Number, CultureInfo.InvariantCulture),
            },
        };
    }

    // These are in no counter and are not checked. A report without sense must not stop a script halfway.
    private static long Sane(long tokens) => Math.Clamp(tokens, 0, SpendLimit.MaxNanos);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
