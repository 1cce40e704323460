using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>A tool call of a conversation.</summary>
internal sealed class SessionToolCallBody
{
    [JsonPropertyName("call_id")]
    public required string CallId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("arguments")]
    [Description("The arguments of the call, filtered by the host's output guard.")]
    public Dictionary<string, JsonElement>? Arguments { get; init; }

    public static SessionToolCallBody From(FunctionCallContent call) => new()
    {
        CallId = call.CallId,
        Name = call.Name,
        Arguments = call.Arguments?.ToDictionary(static argument => argument.Key, static argument => (JsonElement)argument.Value!, StringComparer.Ordinal),
    };
}
