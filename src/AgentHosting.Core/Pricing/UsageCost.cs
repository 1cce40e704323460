using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing;

/// <summary>Computes the cost of a model call from what the provider reported.</summary>
public static class UsageCost
{
    // Prices are for a million tokens. Multiplied and not divided: as exact, without a division of decimals.
    private const decimal PerToken = 0.000001m;
    private const int PlacesPerToken = 6;

    /// <summary>
    /// The cost of <paramref name="usage"/> at <paramref name="price"/>. Each token is priced once: those read from or written to the provider's cache are part of
    /// the input (or beside it, where the report shows that: <see cref="CachedInputReport.Detect"/>), and reasoning is part of the output.
    /// </summary>
    /// <param name="usage">What the provider reported.</param>
    /// <param name="price">The price of the model.</param>
    /// <returns>The exact cost.</returns>
    public static decimal Of(UsageDetails usage, ModelPrice price)
    {
        ArgumentNullException.ThrowIfNull(usage);
        ArgumentNullException.ThrowIfNull(price);
        var reading = UsageReading.Of(usage);
        var (cached, written) = (reading.Cached, reading.Written);
        var input = reading.Input ?? (cached + written);
        var output = Math.Max(0, usage.OutputTokenCount ?? 0);
        var reasoning = Math.Clamp(usage.ReasoningTokenCount ?? 0, 0, output);
        var rates = At(price, input);
        if (cached == 0 && written == 0 && reasoning == 0)
        {
            return Sum(input, rates.Input, output, rates.Output);
        }

        return (((input - cached - written) * rates.Input)
            + (cached * (rates.CachedInput ?? rates.Input))
            + (written * (rates.CacheWrite ?? rates.Input))
            + ((output - reasoning) * rates.Output)
            + (reasoning * (rates.Reasoning ?? rates.Output))) * PerToken;
    }

    /// <summary>The most that a request can cost, whatever the provider does with its cache and however much of the answer is reasoning.</summary>
    /// <param name="inputTokens">The tokens of the request.</param>
    /// <param name="maxOutputTokens">The most tokens that the answer may have.</param>
    /// <param name="price">The price of the model.</param>
    /// <returns>The cost.</returns>
    public static decimal WorstCase(long inputTokens, long maxOutputTokens, ModelPrice price)
    {
        ArgumentNullException.ThrowIfNull(price);
        var most = WorstCaseAt(inputTokens, maxOutputTokens, price);
        // The input is counted on the high side: where a larger one is cheaper, one that is smaller than counted may cost more.
        for (var i = 0; i < price.Tiers.Count; i++)
        {
            var size = price.Tiers[i].AboveInputTokens;
            if (size >= 0 && size < inputTokens)
            {
                most = Math.Max(most, WorstCaseAt(size, maxOutputTokens, price));
            }
        }

        return most;
    }

    /// <summary>The rates of a request with that input.</summary>
    internal static ModelPrice At(ModelPrice price, long inputTokens)
    {
        var found = price;
        var above = -1L;
        for (var i = 0; i < price.Tiers.Count; i++)
        {
            var tier = price.Tiers[i];
            if (inputTokens > tier.AboveInputTokens && tier.AboveInputTokens > above)
            {
                (found, above) = (tier.Price, tier.AboveInputTokens);
            }
        }

        return found;
    }

    private static decimal WorstCaseAt(long inputTokens, long maxOutputTokens, ModelPrice price)
    {
        var rates = At(price, inputTokens);
        var input = rates.Input;
        input = rates.CachedInput is { } cached ? Math.Max(input, cached) : input;
        input = rates.CacheWrite is { } written ? Math.Max(input, written) : input;
        return Sum(inputTokens, input, maxOutputTokens, rates.Reasoning is { } reasoning ? Math.Max(rates.Output, reasoning) : rates.Output);
    }

    private static decimal Sum(long inputTokens, decimal input, long outputTokens, decimal output) =>
        WholeDecimal.TrySum(inputTokens, input, outputTokens, output, PlacesPerToken, out var sum) ? sum : ((inputTokens * input) + (outputTokens * output)) * PerToken;
}
