using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>What a reservation comes to, as <c>spend-reserve.lua</c> reads it: each counter once, though several limits may share it.</summary>
internal sealed class SpendReservationText
{
    private readonly List<string> _keys = [];
    private readonly List<SpendWindowPeriods> _windows = [];
    private readonly List<bool> _ages = [];
    private readonly List<int> _counterOf = [];

    public SpendReservationText(SpendReservation reservation, SpendLimitTexts texts, long nanos, long tokens, long inputNanos)
    {
        foreach (var limit in reservation.Limits)
        {
            if (limit.Scope == SpendScope.Call)
            {
                Limits.Add(limit);
                _counterOf.Add(0);
            }
            else if (Counter(limit, reservation.Account) is { } counter)
            {
                Limits.Add(limit);
                _counterOf.Add(counter);
            }
        }

        Json = Write(reservation, texts, nanos, tokens, inputNanos);
    }

    /// <summary>The limits that apply.</summary>
    public List<SpendLimit> Limits { get; } = [];

    public RedisValue Json { get; }

    /// <summary>The periods of the counter of a limit; <see langword="null"/> for one request alone, which has none.</summary>
    public SpendWindowPeriods? WindowOf(int limit) => _counterOf[limit] is > 0 and var counter ? _windows[counter - 1] : null;

    /// <summary>The current period of each counter that is of the calendar.</summary>
    public RedisValue BoundsAt(DateTimeOffset now)
    {
        var text = new StringBuilder("[");
        foreach (var window in _windows)
        {
            text.Append(text.Length > 1 ? "," : "");
            if (window.Kind == 'C')
            {
                var (start, end) = window.BoundsAt(now);
                text.Append(CultureInfo.InvariantCulture, $"[{start},{end}]");
            }
            else
            {
                text.Append('0');
            }
        }

        return text.Append(']').ToString();
    }

    private int? Counter(SpendLimit limit, SpendAccount account)
    {
        if (SpendScopeName.KeyOf("c", limit.Window.Name, limit.Scope, account) is not { } key)
        {
            return null;
        }

        var known = _keys.IndexOf(key);
        if (known >= 0)
        {
            return known + 1;
        }

        var window = SpendWindowPeriods.Of(limit.Window);
        _keys.Add(key);
        _windows.Add(window);
        _ages.Add(window.Kind != 'T' || SpendScopeName.IsForgottenWhenIdle(limit.Scope));
        return _keys.Count;
    }

    private RedisValue Write(SpendReservation reservation, SpendLimitTexts texts, long nanos, long tokens, long inputNanos)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("c");
            for (var i = 0; i < _keys.Count; i++)
            {
                WriteCounter(json, _keys[i], _windows[i], _ages[i]);
            }

            json.WriteEndArray();
            json.WriteStartArray("g");
            foreach (var counter in _counterOf)
            {
                json.WriteNumberValue(counter);
            }

            json.WriteEndArray();
            json.WriteStartArray("l");
            foreach (var limit in Limits)
            {
                json.WriteRawValue(texts.Of(limit).Json, skipInputValidation: true);
            }

            json.WriteEndArray();
            WriteRules(json, reservation);
            json.WriteStartArray("n");
            json.WriteNumberValue(nanos);
            json.WriteNumberValue(tokens);
            json.WriteEndArray();
            json.WriteNumber("i", reservation.InputTokens);
            json.WriteNumber("m", reservation.MaxOutputTokens);
            json.WriteString("ic", SpendSettlementText.Of(reservation.InputCost));
            json.WriteNumber("in", inputNanos);
            json.WriteString("mc", SpendSettlementText.Of(reservation.MaxCost));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Writes what scripts need to know of a counter.</summary>
    public static void WriteCounter(Utf8JsonWriter json, string key, SpendWindowPeriods window, bool ages)
    {
        json.WriteStartArray();
        json.WriteStringValue(key);
        json.WriteStringValue([window.Kind]);
        json.WriteNumberValue(ages ? 1 : 0);
        foreach (var number in window.Rolling)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteRules(Utf8JsonWriter json, SpendReservation reservation)
    {
        json.WriteStartArray("w");
        // Two equal rules are one: what is spent counts once.
        foreach (var rule in reservation.AnomalyRules.Distinct())
        {
            var name = SpendRuleText.Of(rule);
            if (SpendScopeName.KeyOf("r", name, rule.Scope, reservation.Account) is { } key)
            {
                json.WriteStartArray();
                json.WriteStringValue(key);
                json.WriteStringValue(name);
                json.WriteNumberValue(RedisTime.Of(rule.Period));
                json.WriteNumberValue(rule.BaselinePeriods);
                json.WriteNumberValue(rule.Factor);
                json.WriteNumberValue(rule.MinCostNanos);
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
    }
}
