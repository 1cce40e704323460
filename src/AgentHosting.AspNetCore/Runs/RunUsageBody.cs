using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Tokens.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class RunUsageBody
{
    [JsonPropertyName("input_tokens")]
    public required long InputTokens { get; init; }

    [JsonPropertyName("output_tokens")]
    public required long OutputTokens { get; init; }

    [JsonPropertyName("cached_input_tokens")]
    public required long CachedInputTokens { get; init; }

    [JsonPropertyName("reasoning_tokens")]
    public required long ReasoningTokens { get; init; }

    [JsonPropertyName("total_tokens")]
    public required long TotalTokens { get; init; }

    public static RunUsageBody From(AgentRunUsage usage) => new()
    {
        InputTokens = usage.InputTokens,
        OutputTokens = usage.OutputTokens,
        CachedInputTokens = usage.CachedInputTokens,
        ReasoningTokens = usage.ReasoningTokens,
        TotalTokens = usage.TotalTokens,
    };
}
