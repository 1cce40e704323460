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
}
