using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>A limit as it is stored with a reservation, so that any process can tell of it.</summary>
internal sealed class SpendLimitText
{
    public SpendLimitText(SpendLimit limit)
    {
        Name = NameOf(limit);
        Json = JsonOf(limit, Name);
    }

    /// <summary>All of the limit. Two limits of one name are equal.</summary>
    public string Name { get; }

    /// <summary>What a script needs of it, as <c>tell</c> in <c>spend-counters.lua</c> says.</summary>
    public string Json { get; }

    /// <summary>The limit of a name.</summary>
    public static SpendLimit Parse(string name)
    {
        using var json = JsonDocument.Parse(name);
        var parts = json.RootElement;
        return new SpendLimit
        {
            Scope = (SpendScope)parts[0].GetInt32(),
            Window = SpendWindowPeriods.Parse(parts[1].GetString()!),
            MaxCostNanos = Cap(parts[2]),
            MaxTokens = Cap(parts[3]),
            MaxCalls = Cap(parts[4]),
            AlertRatios = [.. parts.EnumerateArray().Skip(5).Select(static ratio => ratio.GetDouble())],
        };
    }

    public static long? CapOf(SpendLimit limit, SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => limit.MaxCostNanos,
        SpendUnit.Tokens => limit.MaxTokens,
        _ => limit.MaxCalls,
    };

    private static long? Cap(JsonElement cap) => cap.ValueKind == JsonValueKind.Null ? null : cap.GetInt64();

    private static string NameOf(SpendLimit limit)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"[{(int)limit.Scope},\"{JsonEncodedText.Encode(limit.Window.Name)}\"");
        text.Append(CultureInfo.InvariantCulture, $",{Number(limit.MaxCostNanos, "null")},{Number(limit.MaxTokens, "null")},{Number(limit.MaxCalls, "null")}");
        foreach (var ratio in limit.AlertRatios)
        {
            text.Append(CultureInfo.InvariantCulture, $",{ratio:R}");
        }

        return text.Append(']').ToString();
    }

    private static string JsonOf(SpendLimit limit, string name)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"[{Number(limit.MaxCostNanos, "false")},{Number(limit.MaxTokens, "false")},{Number(limit.MaxCalls, "false")}");
        if (limit.AlertRatios.Count == 0)
        {
            return text.Append(",false,false]").ToString();
        }

        text.Append(CultureInfo.InvariantCulture, $",\"{JsonEncodedText.Encode(name)}\",\"");
        foreach (var ratio in limit.AlertRatios)
        {
            foreach (var unit in Enum.GetValues<SpendUnit>())
            {
                if (Amount(limit, unit, ratio) is { } amount)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{(int)unit + 1} {CapOf(limit, unit)} {ratio:R} {amount};");
                }
            }
        }

        text.Append('"');
        foreach (var unit in Enum.GetValues<SpendUnit>())
        {
            text.Append(CultureInfo.InvariantCulture, $",{Number(Amount(limit, unit, limit.AlertRatios[0]), "false")}");
        }

        return text.Append(']').ToString();
    }

    // A cap of 0 forbids; there is nothing to spend of it. The amount is worked out in decimal, so that 0.07 of 100 is 7.
    private static long? Amount(SpendLimit limit, SpendUnit unit, double ratio) =>
        CapOf(limit, unit) is { } cap and > 0 ? Math.Max(1, (long)decimal.Ceiling(cap * (decimal)ratio)) : null;

    private static string Number(long? number, string none) => number?.ToString(CultureInfo.InvariantCulture) ?? none;
}
