namespace AgentHosting.Pricing;

/// <summary>Whether the input tokens that a provider reports contain those that it read from its cache or wrote to it.</summary>
public enum CachedInputReport
{
    /// <summary>
    /// Goes by the report: they are part of the input, as Microsoft.Extensions.AI has it, unless they are more than the input, or what was read is not in
    /// <c>CachedInputTokenCount</c> but in <c>AdditionalCounts</c> alone, where only adapters have it that count it beside the input.
    /// </summary>
    Detect,

    /// <summary>They are part of it. Where they are more than it, they are counted beside it all the same.</summary>
    PartOfInput,

    /// <summary>They come on top of it.</summary>
    BesideInput,
}
