using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>A tool result as the OpenAI client writes it: a string as it is, anything else as JSON.</summary>
internal static class ToolResultText
{
    public static string Of(FunctionResultContent content)
    {
        switch (content.Result)
        {
            case null:
                return "";
            case string text:
                return text;
            case JsonElement element:
                return element.GetRawText();
        }

        // A type that no JSON contract is known for can only be shown by its own text.
        return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(content.Result.GetType(), out var typeInfo)
            ? JsonSerializer.Serialize(content.Result, typeInfo)
            : content.Result.ToString() ?? "";
    }
}
