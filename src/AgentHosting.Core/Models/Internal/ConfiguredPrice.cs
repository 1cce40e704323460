using AgentHosting.Pricing;

namespace AgentHosting.Models.Internal;

/// <summary>Makes the price of a model from its options.</summary>
internal static class ConfiguredPrice
{
    /// <returns>The price, or <see langword="null"/> when the options have none.</returns>
    public static ModelPrice? Of(ModelOptions options) => options is { InputPrice: { } input, OutputPrice: { } output }
        ? new ModelPrice
        {
            Input = input,
            Output = output,
            CachedInput = options.CachedInputPrice,
            CacheWrite = options.CacheWritePrice,
            Reasoning = options.ReasoningPrice,
            Tiers = [.. options.PriceTiers.Select(Tier)],
        }
        : null;

    private static PriceTier Tier(PriceTierOptions options) => new()
    {
        AboveInputTokens = options.AboveInputTokens,
        Price = new ModelPrice
        {
            Input = options.InputPrice!.Value,
            Output = options.OutputPrice!.Value,
            CachedInput = options.CachedInputPrice,
            CacheWrite = options.CacheWritePrice,
            Reasoning = options.ReasoningPrice,
        },
    };
}
