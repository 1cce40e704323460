using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.Runs;
using Microsoft.Extensions.AI;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>One message of a conversation.</summary>
internal sealed class SessionMessageBody
{
    [JsonPropertyName("role")]
    [Description("user, assistant, tool or system.")]
    public required string Role { get; init; }

    [JsonPropertyName("content")]
    [Description("The text; for a tool its result, as JSON where it is not a text.")]
    public required string Content { get; init; }

    [JsonPropertyName("task_id")]
    [Description("The run that the message belongs to.")]
    public required string TaskId { get; init; }

    [JsonPropertyName("tool_calls")]
    public IReadOnlyList<SessionToolCallBody>? ToolCalls { get; init; }

    [JsonPropertyName("call_id")]
    [Description("The call that a tool's result answers.")]
    public string? CallId { get; init; }

    [JsonPropertyName("interrupted")]
    [Description("True for an answer that was cut off.")]
    public bool? Interrupted { get; init; }

    /// <summary>A message of a tool may hold several results, each of which becomes one of its own. What has neither text nor calls, such as reasoning, is left out.</summary>
    public static IEnumerable<SessionMessageBody> From(ChatMessage message, string runId)
    {
        var calls = message.Contents.OfType<FunctionCallContent>().Select(SessionToolCallBody.From).ToList();
        if (message.Text.Length > 0 || calls.Count > 0)
        {
            yield return new SessionMessageBody
            {
                Role = message.Role.Value,
                Content = message.Text,
                TaskId = runId,
                ToolCalls = calls.Count == 0 ? null : calls,
                Interrupted = message.AdditionalProperties?.ContainsKey(AgentConversation.InterruptedProperty) == true ? true : null,
            };
        }

        foreach (var result in message.Contents.OfType<FunctionResultContent>())
        {
            yield return new SessionMessageBody { Role = ChatRole.Tool.Value, Content = TextOf(result.Result), TaskId = runId, CallId = result.CallId };
        }
    }

    private static string TextOf(object? result) => result switch
    {
        null => "",
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        TextContent text => text.Text,
        IEnumerable<AIContent> contents => string.Concat(contents.OfType<TextContent>().Select(static text => text.Text)),
        _ => result.ToString() ?? "",
    };
}
