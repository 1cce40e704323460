using System.ComponentModel.DataAnnotations;
using AgentHosting.ContextWindows.Internal;

namespace AgentHosting.ContextWindows;

/// <summary>How a history is made to fit the window of the model that is asked. A request that fits is sent as it is.</summary>
public class ContextWindowOptions
{
    /// <summary>The window, in tokens of input and output together, of models for which the catalog knows none (<c>ModelOptions.ContextWindow</c>).</summary>
    /// <value>The default is <see langword="null"/>: requests to them are limited by <see cref="MaxInputTokens"/> alone.</value>
    [Range(1, 1_000_000_000)]
    public int? ContextWindow { get; set; }

    /// <summary>The most input tokens of a request, whatever the window holds: long histories cost money and attention.</summary>
    /// <value>The default is <see langword="null"/>: as much as the window holds.</value>
    [Range(1, 1_000_000_000)]
    public int? MaxInputTokens { get; set; }

    /// <summary>The tokens of the window that are kept free for the answer, for requests and models that do not say how long it may be.</summary>
    /// <value>The default is 4,096, but not more than a quarter of the window.</value>
    [Range(1, 10_000_000)]
    public int DefaultMaxOutputTokens { get; set; } = ContextWindowDefaults.MaxOutputTokens;

    /// <summary>The tokens of the window that stay free besides, for what the provider adds and counts otherwise.</summary>
    /// <value>The default is 256.</value>
    [Range(0, 10_000_000)]
    public int ReserveTokens { get; set; } = ContextWindowDefaults.ReserveTokens;

    /// <summary>How many of the latest turns are kept, a turn being what the user says and all that follows. Of a kept turn only tool calls with their results may be left out.</summary>
    /// <value>The default is 1.</value>
    [Range(1, 10_000)]
    public int KeepTurns { get; set; } = ContextWindowDefaults.KeepTurns;

    /// <summary>To how many tokens long tool results are shortened when the history does not fit.</summary>
    /// <value>The default is 1,000.</value>
    [Range(16, 10_000_000)]
    public int MaxToolResultTokens { get; set; } = ContextWindowDefaults.ToolResultTokens;
}
