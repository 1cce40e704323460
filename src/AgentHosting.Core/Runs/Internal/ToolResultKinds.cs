using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>The stored words for <see cref="ToolResultKind"/>.</summary>
internal static class ToolResultKinds
{
    public static ToolResultKind Of(object? result) => result switch
    {
        null => ToolResultKind.Null,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => ToolResultKind.Null,
        string => ToolResultKind.Text,
        AIContent => ToolResultKind.Content,
        IEnumerable<AIContent> => ToolResultKind.Contents,
        _ => ToolResultKind.Json,
    };

    public static string ToWord(this ToolResultKind kind) => kind switch
    {
        ToolResultKind.Null => "null",
        ToolResultKind.Text => "text",
        ToolResultKind.Json => "json",
        ToolResultKind.Content => "content",
        ToolResultKind.Contents => "contents",
        ToolResultKind.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static ToolResultKind Parse(string? word) => word switch
    {
        "null" => ToolResultKind.Null,
        "text" => ToolResultKind.Text,
        "json" => ToolResultKind.Json,
        "content" => ToolResultKind.Content,
        "contents" => ToolResultKind.Contents,
        "error" => ToolResultKind.Error,
        _ => throw new InvalidDataException($"'{word}' is no kind of tool result."),
    };
}
