using System.Globalization;
using System.Text.Json;
using AgentHosting.Pricing;

namespace AgentHosting.Models.Internal;

/// <summary>Reads LiteLLM's price format: an object with an object for each model, prices in US dollars for one token.</summary>
internal static class PriceTableReader
{
    private const string Input = "input_cost_per_token";
    private const string Output = "output_cost_per_token";
    private const string CachedInput = "cache_read_input_token_cost";
    private const string CacheWrite = "cache_creation_input_token_cost";
    private const string Reasoning = "output_cost_per_reasoning_token";

    // An entry that explains the others.
    private const string Sample = "sample_spec";

    private const decimal Million = 1_000_000m;

    // Dollars for a million tokens. The dearest models cost some hundreds: what is above this is a price in another unit.
    private const decimal Dearest = 10_000m;

    private static readonly string[] Fields = [Input, Output, CachedInput, CacheWrite, Reasoning];

    /// <exception cref="JsonException">It is no JSON, or no object.</exception>
    public static PriceTable Read(ReadOnlyMemory<byte> json, decimal currencyFactor)
    {
        try
        {
            return ReadObject(json, currencyFactor);
        }
        catch (InvalidOperationException exception)
        {
            // Escapes that make no letter, as "\ud800" alone: the parser lets them pass, and fails when the name or the text is asked for.
            throw new JsonException($"It holds a text that is none. {exception.Message}", exception);
        }
    }

    private static PriceTable ReadObject(ReadOnlyMemory<byte> json, decimal currencyFactor)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"It holds {document.RootElement.ValueKind}, where an object with an entry for each model is expected.");
        }

        var prices = new Dictionary<string, ModelPrice>(StringComparer.Ordinal);
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var model in document.RootElement.EnumerateObject())
        {
            if (model.Name == Sample || model.Value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            try
            {
                if (Entry(model.Value, currencyFactor) is { } price)
                {
                    prices[model.Name] = price;
                }
            }
            catch (FormatException exception)
            {
                wrong[model.Name] = exception.Message;
            }
        }

        return new PriceTable { Prices = prices, Wrong = wrong };
    }

    // Models that are not paid by the token have no such prices.
    private static ModelPrice? Entry(JsonElement entry, decimal factor)
    {
        var sizes = new SortedSet<long>();
        var found = new Dictionary<(long Size, string Field), decimal>();
        foreach (var property in entry.EnumerateObject())
        {
            if (FieldOf(property.Name, out var size) is { } field && property.Value.ValueKind != JsonValueKind.Null)
            {
                found[(size, field)] = Number(property) * Million * factor;
                if (size > 0)
                {
                    sizes.Add(size);
                }
            }
        }

        return found.ContainsKey((0, Input)) && found.ContainsKey((0, Output))
            ? Price(0, [.. sizes.Select(size => new PriceTier { AboveInputTokens = size, Price = Price(size, []) })])
            : null;

        // What a tier does not say is as below it.
        ModelPrice Price(long size, IReadOnlyList<PriceTier> tiers) => new()
        {
            Input = Of(size, Input)!.Value,
            Output = Of(size, Output)!.Value,
            CachedInput = Of(size, CachedInput),
            CacheWrite = Of(size, CacheWrite),
            Reasoning = Of(size, Reasoning),
            Tiers = tiers,
        };

        decimal? Of(long size, string field) => found.TryGetValue((size, field), out var price) || found.TryGetValue((0, field), out price) ? price : null;
    }

    /// <returns>The price that a property is, and the tokens above which it holds: <c>input_cost_per_token_above_200k_tokens</c>. Others are not for the usual calls.</returns>
    private static string? FieldOf(string name, out long size)
    {
        const string above = "_above_";
        const string end = "k_tokens";
        size = 0;
        foreach (var field in Fields)
        {
            if (!name.StartsWith(field, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = name.AsSpan(field.Length);
            if (rest.IsEmpty)
            {
                return field;
            }

            if (rest.StartsWith(above) && rest.EndsWith(end) && rest.Length > above.Length + end.Length
                && int.TryParse(rest[above.Length..^end.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var thousands) && thousands > 0)
            {
                size = thousands * 1000L;
                return field;
            }
        }

        return null;
    }

    // Some numbers of the format are strings.
    private static decimal Number(JsonProperty property)
    {
        var value = property.Value;
        var isNumber = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out var number) ? (decimal?)number : null,
            JsonValueKind.String => decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ => null,
        };
        return isNumber switch
        {
            null => throw new FormatException($"{property.Name} is {value.GetRawText()}, which is no price."),
            < 0 => throw new FormatException($"{property.Name} is {value.GetRawText()}, below zero."),
            > Dearest / Million => throw new FormatException($"{property.Name} is {value.GetRawText()} for one token, more than {Dearest} for a million: a price in another unit?"),
            { } price => price,
        };
    }
}
