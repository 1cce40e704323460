using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing;

/// <summary>Computes the cost of a model call from what the provider reported.</summary>
public static class UsageCost
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>The cost of <paramref name="usage"/> at <paramref name="price"/>. Cached input is part of the input and is priced once.</summary>
    /// <param name="usage">What the provider reported.</param>
    /// <param name="price">The price of the model.</param>
    /// <returns>The exact cost.</returns>
    public static decimal Of(UsageDetails usage, ModelPrice price)
    {
        ArgumentNullException.ThrowIfNull(usage);
        ArgumentNullException.ThrowIfNull(price);
        var input = Math.Max(0, usage.InputTokenCount ?? 0);
        var cached = Math.Clamp(usage.CachedInputTokenCount ?? 0, 0, input);
        var output = Math.Max(0, usage.OutputTokenCount ?? 0);
        return (((input - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (output * price.Output)) / TokensPerPrice;
    }
}
