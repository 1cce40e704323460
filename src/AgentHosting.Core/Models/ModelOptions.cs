using System.ComponentModel.DataAnnotations;
using AgentHosting.Pricing;

namespace AgentHosting.Models;

/// <summary>What the host knows about a model. Configuration section <c>AgentHosting:Models:NAME</c>, which wins over code.</summary>
public class ModelOptions
{
    /// <summary>The price of a million input tokens, in the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: unknown.</value>
    public decimal? InputPrice { get; set; }

    /// <summary>The price of a million output tokens, in the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: unknown.</value>
    public decimal? OutputPrice { get; set; }

    /// <summary>The price of a million input tokens that the provider read from its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input.</value>
    public decimal? CachedInputPrice { get; set; }

    /// <summary>The price of a million input tokens that the provider wrote to its cache.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other input.</value>
    public decimal? CacheWritePrice { get; set; }

    /// <summary>The price of a million output tokens that were reasoning.</summary>
    /// <value>The default is <see langword="null"/>: they cost as much as other output.</value>
    public decimal? ReasoningPrice { get; set; }

    /// <summary>Prices of requests whose input is larger than a size, in ascending order of it. The last one that the input is above is that of the whole request.</summary>
    /// <value>The default is empty: one price for all. Tiers in configuration replace those that code adds.</value>
    public IList<PriceTierOptions> PriceTiers { get; } = [];

    /// <summary>The model's name in the price file (<c>AddModelPrices</c>), which is used when there is no <see cref="InputPrice"/>.</summary>
    /// <value>The default is <see langword="null"/>: the name in the catalog, or else the provider's name that the client knows.</value>
    public string? PriceKey { get; set; }

    /// <summary>How the provider reports usage when it does so more than once in a stream. It is made uniform at the model's client, so that all who read usage add it up.</summary>
    /// <value>The default is <see cref="StreamedUsage.Sum"/>.</value>
    public StreamedUsage StreamedUsage { get; set; }

    /// <summary>Whether the input tokens that the provider reports contain those of its cache. Made uniform at the model's client: then they do.</summary>
    /// <value>The default is <see cref="CachedInputReport.Detect"/>.</value>
    public CachedInputReport CachedInput { get; set; }

    /// <summary>How many tokens the model takes in one call, input and output together.</summary>
    /// <value>The default is <see langword="null"/>: unknown.</value>
    [Range(1, 1_000_000_000)]
    public int? ContextWindow { get; set; }

    /// <summary>The most tokens the model may produce in one call. A call that asks for more is held to it; a call that sets no limit gets it.</summary>
    /// <value>The default is <see langword="null"/>: only the limit of the call itself.</value>
    [Range(1, 10_000_000)]
    public int? MaxOutputTokens { get; set; }

    /// <summary>The most requests that are sent to the model in any minute, by pipelines with <c>UseModelRateLimit</c>. Wins over the limit of the stage.</summary>
    /// <value>The default is <see langword="null"/>: the limit of the stage.</value>
    [Range(1, 1_000_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>The most tokens of requests to the model in any minute, input and output together, by pipelines with <c>UseModelRateLimit</c>. Wins over the limit of the stage.</summary>
    /// <value>The default is <see langword="null"/>: the limit of the stage.</value>
    [Range(1, 1_000_000_000)]
    public int? TokensPerMinute { get; set; }

    /// <summary>Whether the model takes tools.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool SupportsTools { get; set; } = true;

    /// <summary>Whether the model answers in a JSON schema that the call gives.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool SupportsJsonSchema { get; set; } = true;

    /// <summary>Whether the model takes images.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool SupportsImages { get; set; } = true;

    /// <summary>Whether the model takes audio.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool SupportsAudio { get; set; } = true;
}
