using System.ComponentModel;
using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>A conversation.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class SessionBody
{
    [JsonPropertyName("session_id")]
    public required string SessionId { get; init; }

    [JsonPropertyName("version")]
    [Description("Grows by one with every run that has ended.")]
    public required long Version { get; init; }

    [JsonPropertyName("messages")]
    [Description("Oldest first.")]
    public required IReadOnlyList<SessionMessageBody> Messages { get; init; }

    public static SessionBody From(AgentConversation conversation) => new()
    {
        SessionId = conversation.SessionId,
        Version = conversation.Version,
        Messages = [.. conversation.Turns.SelectMany(static turn => turn.Messages.SelectMany(message => SessionMessageBody.From(message, turn.RunId)))],
    };
}
