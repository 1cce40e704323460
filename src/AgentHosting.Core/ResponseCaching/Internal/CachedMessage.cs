using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One message of a cached answer. Immutable.</summary>
internal sealed class CachedMessage
{
    [JsonPropertyName("role")]
    public string Role { get; init; } = ChatRole.Assistant.Value;

    [JsonPropertyName("author")]
    public string? AuthorName { get; init; }

    [JsonPropertyName("id")]
    public string? MessageId { get; init; }

    [JsonPropertyName("at")]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonPropertyName("c")]
    public CachedContent[] Contents { get; init; } = [];

    [JsonPropertyName("x")]
    public Dictionary<string, JsonElement>? Properties { get; init; }

    public static CachedMessage? TryCreate(ChatMessage message)
    {
        if (!CachedJson.TryWrite(message.AdditionalProperties, out var properties))
        {
            return null;
        }

        var contents = new CachedContent[message.Contents.Count];
        for (var i = 0; i < contents.Length; i++)
        {
            if (CachedContent.TryCreate(message.Contents[i]) is not { } content)
            {
                return null;
            }

            contents[i] = content;
        }

        return new CachedMessage
        {
            Role = message.Role.Value,
            AuthorName = message.AuthorName,
            MessageId = message.MessageId,
            CreatedAt = message.CreatedAt,
            Contents = contents,
            Properties = properties,
        };
    }

    public ChatMessage Create() => new()
    {
        Role = RoleOf(),
        AuthorName = AuthorName,
        MessageId = MessageId,
        CreatedAt = CreatedAt,
        Contents = CreateContents(),
        AdditionalProperties = CachedJson.Read(Properties),
    };

    public ChatRole RoleOf() => Role == ChatRole.Assistant.Value ? ChatRole.Assistant : new ChatRole(Role);

    private List<AIContent> CreateContents()
    {
        var contents = new List<AIContent>(Contents.Length);
        foreach (var content in Contents)
        {
            contents.Add(content.Create());
        }

        return contents;
    }
}
