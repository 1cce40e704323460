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

    /// <summary>Any other content, and text with annotations, as MEAI writes it, without its properties.</summary>
    [JsonPropertyName("o")]
    public JsonElement? Other { get; init; }

    [JsonPropertyName("x")]
    public Dictionary<string, JsonElement>? Properties { get; init; }

    /// <summary>Takes a content down, or returns <see langword="null"/> when it has no stored form.</summary>
    public static CachedContent? TryCreate(AIContent content)
    {
        if (!CachedJson.TryWrite(content.AdditionalProperties, out var properties))
        {
            return null;
        }

        if (content.Annotations is not { Count: > 0 })
        {
            if (content.GetType() == typeof(TextContent))
            {
                return new CachedContent { Text = ((TextContent)content).Text, Properties = properties };
            }

            if (content.GetType() == typeof(TextReasoningContent))
            {
                var reasoning = (TextReasoningContent)content;
                return new CachedContent { Reasoning = reasoning.Text, ProtectedData = reasoning.ProtectedData, Properties = properties };
            }
        }

        // A derived type that MEAI does not know would be stored as its base, without what makes it one.
        return content.GetType().Assembly == typeof(AIContent).Assembly && CachedJson.TryWrite(WithoutProperties(content), typeof(AIContent)) is { } json
            ? new CachedContent { Other = json, Properties = properties }
            : null;
    }

    public AIContent Create()
    {
        AIContent content = this switch
        {
            { Text: { } text } => new TextContent(text),
            { Other: { } json } => (AIContent)json.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))!,
            _ => new TextReasoningContent(Reasoning) { ProtectedData = ProtectedData },
        };
        if (Properties is not null)
        {
            content.AdditionalProperties = CachedJson.Read(Properties);
        }

        return content;
    }

    private static AIContent WithoutProperties(AIContent content)
    {
        if (content.AdditionalProperties is null)
        {
            return content;
        }

        var copy = RequestSnapshot.CopyOf(content);
        copy.AdditionalProperties = null;
        return copy;
    }

    [JsonIgnore]
    public long Size => 64 + (2 * ((Text?.Length ?? 0) + (Reasoning?.Length ?? 0) + (ProtectedData?.Length ?? 0))) + (Other is { } json ? CachedJson.SizeOf(json) : 0) + CachedJson.SizeOf(Properties);
}
