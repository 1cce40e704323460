using AgentHosting.Pricing;

namespace AgentHosting.Models.Internal;

/// <summary>The prices that a file holds. Not changed once it is made.</summary>
internal sealed class PriceTable
{
    public required IReadOnlyDictionary<string, ModelPrice> Prices { get; init; }

    /// <summary>The models whose prices are not to be believed, each with the reason.</summary>
    public required IReadOnlyDictionary<string, string> Wrong { get; init; }
}
