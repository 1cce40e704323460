namespace AgentHosting.Pricing;

/// <summary>What a model costs, in the host's currency per million tokens.</summary>
public sealed class ModelPrice
{
    /// <summary>The price of a million input tokens.</summary>
    public required decimal Input { get; init; }

    /// <summary>The price of a million output tokens.</summary>
    public required decimal Output { get; init; }

    /// <summary>The price of a million input tokens that the provider read from its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input.</value>
    public decimal? CachedInput { get; init; }

    /// <summary>The price of a million input tokens that the provider wrote to its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input.</value>
    public decimal? CacheWrite { get; init; }

    /// <summary>The price of a million output tokens that were reasoning.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other output.</value>
    public decimal? Reasoning { get; init; }

    /// <summary>Prices of requests whose input is larger than a size. The one with the largest size that the input is above is that of the whole request.</summary>
    /// <value>The default is empty: one price for all.</value>
    public IReadOnlyList<PriceTier> Tiers { get; init; } = [];
}
