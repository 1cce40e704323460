using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

internal static class WireMessageReader
{
    public static IReadOnlyList<ChatMessage> Read(JsonElement messages) => [.. messages.EnumerateArray().Select(ReadMessage)];

    private static ChatMessage ReadMessage(JsonElement message)
    {
        var role = message.Text("role") switch
        {
            // The developer role is what newer OpenAI models call the system role.
            "system" or "developer" => ChatRole.System,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" => ChatRole.Tool,
            var other => throw new WireFormatException(
                $"Invalid value: '{other}'. Supported values are: 'system', 'developer', 'user', 'assistant' and 'tool'.", "messages.role", "invalid_value"),
        };
        var contents = role == ChatRole.Tool
            ? [new FunctionResultContent(message.Text("tool_call_id") ?? "", TextOf(message))]
            : new List<AIContent>(ReadContents(message));
        if (message.Text("reasoning_content") is { Length: > 0 } reasoning)
        {
            contents.Insert(0, new TextReasoningContent(reasoning));
        }

        contents.AddRange(message.Items("tool_calls").Select(ReadToolCall));
        return new ChatMessage(role, contents) { AuthorName = message.Text("name") };
    }

    private static string TextOf(JsonElement message) => string.Concat(ReadContents(message).OfType<TextContent>().Select(static content => content.Text));

    private static IEnumerable<AIContent> ReadContents(JsonElement message) => message.Member("content") switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text => [new TextContent(text.GetString())],
        { ValueKind: JsonValueKind.Array } parts => parts.EnumerateArray().Select(ReadPart),
        { } value => throw WireElement.WrongType("messages.content", "a string or an array", value),
    };

    private static AIContent ReadPart(JsonElement part)
    {
        var kind = part.Text("type");
        if (kind is "text" or "refusal")
        {
            return new TextContent(part.Text(kind));
        }

        if (kind == "image_url" && part.Member("image_url")?.Text("url") is { } url)
        {
            return url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? new DataContent(url) : new UriContent(ToUri(url), "image/*");
        }

        // Audio, files and what comes later: the script sees the JSON.
        return new AIContent { RawRepresentation = part.Clone() };
    }

    private static Uri ToUri(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri)
        ? uri
        : throw new WireFormatException($"Invalid 'image_url': '{url}' is no absolute URL.", "messages.content.image_url.url", "invalid_value");

    private static FunctionCallContent ReadToolCall(JsonElement call)
    {
        var function = call.Member("function")
            ?? throw WireElement.Missing("messages.tool_calls.function");
        var name = function.Text("name") is { Length: > 0 } text
            ? text
            : throw WireElement.Missing("messages.tool_calls.function.name");
        return ToolArguments.ToContent(call.Text("id") ?? "", new ScriptedToolCall(name, function.Text("arguments") ?? "{}"));
    }
}
