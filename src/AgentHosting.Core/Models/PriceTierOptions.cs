namespace AgentHosting.Models;

/// <summary>The prices of requests whose input is larger than a size. Configuration section <c>AgentHosting:Models:NAME:PriceTiers:0</c> and on.</summary>
public class PriceTierOptions
{
    /// <summary>The input tokens above which these prices hold.</summary>
    /// <value>Has to be set, to 1 or more.</value>
    public long AboveInputTokens { get; set; }

    /// <summary>The price of a million input tokens, in the host's currency.</summary>
    /// <value>Has to be set.</value>
    public decimal? InputPrice { get; set; }

    /// <summary>The price of a million output tokens, in the host's currency.</summary>
    /// <value>Has to be set.</value>
    public decimal? OutputPrice { get; set; }

    /// <summary>The price of a million input tokens that the provider read from its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input of this tier.</value>
    public decimal? CachedInputPrice { get; set; }

    /// <summary>The price of a million input tokens that the provider wrote to its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input of this tier.</value>
    public decimal? CacheWritePrice { get; set; }

    /// <summary>The price of a million output tokens that were reasoning.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other output of this tier.</value>
    public decimal? ReasoningPrice { get; set; }
}
