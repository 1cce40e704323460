using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One content of a cached answer. Immutable, so that every reader can have an object of its own made from it.</summary>
internal sealed class CachedContent
{
    [JsonPropertyName("t")]
    public string? Text { get; init; }

    [JsonPropertyName("r")]
    public string? Reasoning { get; init; }

    [JsonPropertyName("p")]
    public string? ProtectedData { get; init; }

    /// <summary>Any other content, and text with annotations or properties, as MEAI writes it.</summary>
    [JsonPropertyName("o")]
    public JsonElement? Other { get; init; }

    /// <summary>Takes a content down, or returns <see langword="null"/> when it has no stored form.</summary>
    public static CachedContent? TryCreate(AIContent content)
    {
        if (content is { AdditionalProperties: not { Count: > 0 }, Annotations: not { Count: > 0 } })
        {
            if (content.GetType() == typeof(TextContent))
            {
                return new CachedContent { Text = ((TextContent)content).Text };
            }

            if (content.GetType() == typeof(TextReasoningContent))
            {
                var reasoning = (TextReasoningContent)content;
                return new CachedContent { Reasoning = reasoning.Text, ProtectedData = reasoning.ProtectedData };
            }
        }

        // A derived type that MEAI does not know would be stored as its base, without what makes it one.
        return content.GetType().Assembly == typeof(AIContent).Assembly && CachedJson.TryWrite(content, typeof(AIContent)) is { } json
            ? new CachedContent { Other = json }
            : null;
    }

    public AIContent Create() => this switch
    {
        { Text: { } text } => new TextContent(text),
        { Other: { } json } => (AIContent)json.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))!,
        _ => new TextReasoningContent(Reasoning) { ProtectedData = ProtectedData },
    };

    [JsonIgnore]
    public long Size => 64 + (2 * ((Text?.Length ?? 0) + (Reasoning?.Length ?? 0) + (ProtectedData?.Length ?? 0))) + (Other is { } json ? CachedJson.SizeOf(json) : 0);
}
