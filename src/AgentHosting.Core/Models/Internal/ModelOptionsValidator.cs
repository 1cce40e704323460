using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    // In the order in which the prices are listed below.
    private static readonly string[] PriceNames =
    [
        nameof(ModelOptions.InputPrice), nameof(ModelOptions.OutputPrice), nameof(ModelOptions.CachedInputPrice), nameof(ModelOptions.CacheWritePrice), nameof(ModelOptions.ReasoningPrice),
    ];

    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var key = $"{AgentHostingConfiguration.Section}:Models:{name}";
        var errors = new OptionsErrors(key);
        errors.AddAttributes(options);
        AddPrices(errors, "", [options.InputPrice, options.OutputPrice, options.CachedInputPrice, options.CacheWritePrice, options.ReasoningPrice]);
        errors.AddIf(
            options.InputPrice is null != options.OutputPrice is null,
            options.InputPrice is null ? nameof(options.InputPrice) : nameof(options.OutputPrice),
            null,
            "Set both InputPrice and OutputPrice, or neither: a cost needs both.");
        if (options.InputPrice is null)
        {
            AddOrphan(errors, nameof(options.CachedInputPrice), options.CachedInputPrice);
            AddOrphan(errors, nameof(options.CacheWritePrice), options.CacheWritePrice);
            AddOrphan(errors, nameof(options.ReasoningPrice), options.ReasoningPrice);
            AddOrphan(errors, nameof(options.PriceTiers), options.PriceTiers.Count == 0 ? null : $"a list of {options.PriceTiers.Count}");
        }

        AddTiers(errors, options.PriceTiers);
        errors.AddIf(!Enum.IsDefined(options.StreamedUsage), nameof(options.StreamedUsage), options.StreamedUsage, "Use Sum or Last.");
        errors.AddIf(!Enum.IsDefined(options.CachedInput), nameof(options.CachedInput), options.CachedInput, "Use Detect, PartOfInput or BesideInput.");
        errors.AddIf(
            options.MaxOutputTokens > options.ContextWindow,
            nameof(options.MaxOutputTokens),
            options.MaxOutputTokens,
            $"Use at most the ContextWindow of {options.ContextWindow}.");
        return errors.ToResult();
    }

    private static void AddTiers(OptionsErrors errors, IList<PriceTierOptions> tiers)
    {
        for (var i = 0; i < tiers.Count; i++)
        {
            var (tier, part) = (tiers[i], $"{nameof(ModelOptions.PriceTiers)}:{i}:");
            errors.AddIf(tier.AboveInputTokens < 1, part + nameof(tier.AboveInputTokens), tier.AboveInputTokens, "Use a number of tokens of 1 or more.");
            errors.AddIf(
                i > 0 && tier.AboveInputTokens <= tiers[i - 1].AboveInputTokens,
                part + nameof(tier.AboveInputTokens),
                tier.AboveInputTokens,
                "List the tiers in ascending order, each size once.");
            errors.AddIf(tier.InputPrice is null, part + nameof(tier.InputPrice), null, "Set InputPrice and OutputPrice of each tier.");
            errors.AddIf(tier.OutputPrice is null, part + nameof(tier.OutputPrice), null, "Set InputPrice and OutputPrice of each tier.");
            AddPrices(errors, part, [tier.InputPrice, tier.OutputPrice, tier.CachedInputPrice, tier.CacheWritePrice, tier.ReasoningPrice]);
        }
    }

    private static void AddPrices(OptionsErrors errors, string part, ReadOnlySpan<decimal?> prices)
    {
        for (var i = 0; i < prices.Length; i++)
        {
            errors.AddIf(prices[i] is < 0, part + PriceNames[i], prices[i], "Use a price per million tokens of 0 or more.");
        }
    }

    private static void AddOrphan(OptionsErrors errors, string property, object? value) =>
        errors.AddIf(value is not null, property, value, "Set InputPrice and OutputPrice too.");
}
