namespace AgentHosting.Pricing;

/// <summary>The price of requests whose input is larger than a size.</summary>
public sealed class PriceTier
{
    /// <summary>The input tokens above which the price holds.</summary>
    public required long AboveInputTokens { get; init; }

    /// <summary>The price.</summary>
    public required ModelPrice Price { get; init; }
}
