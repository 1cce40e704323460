using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>Reads what <see cref="ChatOptions"/> has a property for; the rest goes to its additional properties as <see cref="JsonElement"/>.</summary>
internal static class WireOptionsReader
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty",
        "presence_penalty", "seed", "stop", "response_format", "tools", "tool_choice", "parallel_tool_calls",
    };

    public static ChatOptions Read(JsonElement root)
    {
        var options = new ChatOptions
        {
            ModelId = root.Text("model"),
            Temperature = root.Single("temperature"),
            TopP = root.Single("top_p"),
            MaxOutputTokens = root.Int32("max_completion_tokens") ?? root.Int32("max_tokens"),
            FrequencyPenalty = root.Single("frequency_penalty"),
            PresencePenalty = root.Single("presence_penalty"),
            Seed = root.Integer("seed"),
            StopSequences = ReadStop(root),
            ResponseFormat = ReadResponseFormat(root),
            AllowMultipleToolCalls = root.Flag("parallel_tool_calls"),
            ToolMode = ReadToolMode(root),
            Tools = root.Member("tools") is null ? null : [.. root.Items("tools").Select(ReadTool)],
        };
        foreach (var property in root.EnumerateObject().Where(static property => !Known.Contains(property.Name)))
        {
            (options.AdditionalProperties ??= [])[property.Name] = property.Value.Clone();
        }

        return options;
    }

    private static IList<string>? ReadStop(JsonElement root) => root.Member("stop") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } stop => [stop.GetString()!],
        { ValueKind: JsonValueKind.Array } stops when stops.EnumerateArray().All(static stop => stop.ValueKind == JsonValueKind.String) =>
            [.. stops.EnumerateArray().Select(static stop => stop.GetString()!)],
        { } value => throw WireElement.WrongType("stop", "a string or an array of strings", value),
    };

    private static ChatResponseFormat? ReadResponseFormat(JsonElement root)
    {
        if (root.Member("response_format") is not { } format)
        {
            return null;
        }

        return format.Text("type") switch
        {
            "text" => ChatResponseFormat.Text,
            "json_object" => ChatResponseFormat.Json,
            "json_schema" when format.Member("json_schema") is { } schema && schema.Member("schema") is { } body =>
                ChatResponseFormat.ForJsonSchema(body.Clone(), schema.Text("name"), schema.Text("description")),
            var other => throw new WireFormatException($"Invalid value: '{other}' for 'response_format.type'.", "response_format", "invalid_value"),
        };
    }

    private static ChatToolMode? ReadToolMode(JsonElement root) => root.Member("tool_choice") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } choice => ChatToolMode.RequireSpecific(
            choice.Member("function")?.Text("name") ?? throw WireElement.Missing("tool_choice.function.name")),
        _ => root.Text("tool_choice") switch
        {
            "none" => ChatToolMode.None,
            "auto" => ChatToolMode.Auto,
            "required" => ChatToolMode.RequireAny,
            var other => throw new WireFormatException($"Invalid value: '{other}' for 'tool_choice'.", "tool_choice", "invalid_value"),
        },
    };

    private static AITool ReadTool(JsonElement tool, int index)
    {
        if (tool.Text("type") != "function" || tool.Member("function") is not { } function || function.Text("name") is not { Length: > 0 } name)
        {
            throw new WireFormatException($"Invalid 'tools[{index}]': a tool of type 'function' with a name is needed.", $"tools[{index}]", "invalid_value");
        }

        var schema = function.Member("parameters")?.Clone() ?? EmptySchema();
        return AIFunctionFactory.CreateDeclaration(name, function.Text("description"), schema);
    }

    private static JsonElement EmptySchema()
    {
        using var document = JsonDocument.Parse("""{"type":"object","properties":{}}""");
        return document.RootElement.Clone();
    }
}
