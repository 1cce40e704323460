using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>An answer as it is kept: immutable, made into new objects for every reader, since callers change what they get.</summary>
internal sealed class CachedAnswer
{
    [JsonPropertyName("id")]
    public string? ResponseId { get; init; }

    [JsonPropertyName("model")]
    public string? ModelId { get; init; }

    /// <summary>The name of the model of this host that gave the answer.</summary>
    [JsonPropertyName("served")]
    public string? ServedByModel { get; init; }

    [JsonPropertyName("at")]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonPropertyName("finish")]
    public string? FinishReason { get; init; }

    [JsonPropertyName("usage")]
    public UsageDetails? Usage { get; init; }

    [JsonPropertyName("m")]
    public CachedMessage[] Messages { get; init; } = [];

    [JsonPropertyName("x")]
    public Dictionary<string, JsonElement>? Properties { get; init; }

    /// <summary>About how many bytes it takes in memory.</summary>
    [JsonIgnore]
    public long Size => _size != 0 ? _size : _size = Measure();

    private long _size;

    /// <summary>Takes an answer down.</summary>
    /// <returns>The answer, or <see langword="null"/> when it holds what has no stored form.</returns>
    public static CachedAnswer? TryCreate(ChatResponse response, string? servedByModel)
    {
        if (!CachedJson.TryWrite(response.AdditionalProperties, out var properties))
        {
            return null;
        }

        var messages = new CachedMessage[response.Messages.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            if (CachedMessage.TryCreate(response.Messages[i]) is not { } message)
            {
                return null;
            }

            messages[i] = message;
        }

        return new CachedAnswer
        {
            ResponseId = response.ResponseId,
            ModelId = response.ModelId,
            ServedByModel = servedByModel,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason?.Value,
            Usage = CopyOf(response.Usage),
            Messages = messages,
            Properties = properties,
        };
    }

    /// <summary>The total number of tokens that a reader of this answer saves.</summary>
    [JsonIgnore]
    public long Tokens => Usage is { } usage ? usage.TotalTokenCount ?? (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0) : 0;

    public static UsageDetails? CopyOf(UsageDetails? usage)
    {
        if (usage is null)
        {
            return null;
        }

        var copy = new UsageDetails();
        copy.Add(usage);
        return copy;
    }

    private long Measure()
    {
        var size = 400L;
        foreach (var message in Messages)
        {
            size += 150 + CachedJson.SizeOf(message.Properties);
            foreach (var content in message.Contents)
            {
                size += content.Size;
            }
        }

        return size + CachedJson.SizeOf(Properties);
    }
}
