using System.Globalization;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>A rule as it is stored: all of it, so that equal rules are one.</summary>
internal static class SpendRuleText
{
    public static string Of(SpendAnomalyRule rule) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)rule.Scope} {rule.Period.Ticks} {rule.BaselinePeriods} {rule.Factor:R} {rule.MinCostNanos}");

    public static SpendAnomalyRule Parse(string text)
    {
        var parts = text.Split(' ');
        return new SpendAnomalyRule
        {
            Scope = (SpendScope)int.Parse(parts[0], CultureInfo.InvariantCulture),
            Period = TimeSpan.FromTicks(long.Parse(parts[1], CultureInfo.InvariantCulture)),
            BaselinePeriods = int.Parse(parts[2], CultureInfo.InvariantCulture),
            Factor = double.Parse(parts[3], CultureInfo.InvariantCulture),
            MinCostNanos = long.Parse(parts[4], CultureInfo.InvariantCulture),
        };
    }
}
