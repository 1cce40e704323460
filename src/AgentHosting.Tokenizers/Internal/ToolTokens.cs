using System.Text.Json;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Tokenizers.Internal;

/// <summary>
/// Counts tools by the rules that OpenAI published for flat parameters. A parameter with parts of its own is counted as its JSON, which is longer than what the model is shown.
/// </summary>
internal static class ToolTokens
{
    private const int PerProperties = 3;
    private const int PerProperty = 3;
    private const int PerEnum = -3;
    private const int PerEnumItem = 3;
    private const int PerList = 12;
    private const int PerCall = 8;
    private const int PerUnknownValue = 4000;

    // Which keys the rules know: "type", "description" and "enum". What else a schema says is counted as JSON.
    private static readonly string[] FlatKeys = ["type", "description", "enum"];
    private static readonly string[] KnownSchemaKeys = ["type", "properties", "required", "additionalProperties", "$schema", "title", "description"];

    public static long Count(IList<AITool>? tools, TextTokens text, TokenEncoding encoding)
    {
        if (tools is not { Count: > 0 })
        {
            return 0;
        }

        long tokens = PerList;
        for (var i = 0; i < tools.Count; i++)
        {
            tokens += (encoding == TokenEncoding.O200kBase ? 7 : 10) + text.Count($"{tools[i].Name}:{tools[i].Description.TrimEnd('.')}");
            if (tools[i] is AIFunctionDeclaration function)
            {
                tokens += Schema(function.JsonSchema, text);
            }
        }

        return tokens;
    }

    public static long Count(FunctionCallContent call, TextTokens text)
    {
        long tokens = PerCall + text.Count(call.Name);
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            // A name, a colon, a value, a comma, and the quotation marks.
            tokens += 4 + text.Count(name) + Value(value, text);
        }

        return tokens;
    }

    // What is not known to be short is taken for long.
    public static long Value(object? value, TextTokens text) => ContentText.TryGet(value, out var sent) ? text.Count(sent) : Math.Max(text.Count(sent), PerUnknownValue);

    private static long Schema(JsonElement schema, TextTokens text)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return text.Count(schema.GetRawText());
        }

        long tokens = 0;
        foreach (var part in schema.EnumerateObject())
        {
            if (part.NameEquals("properties") && part.Value.ValueKind == JsonValueKind.Object)
            {
                tokens += Properties(part.Value, text);
            }
            else if (Array.IndexOf(KnownSchemaKeys, part.Name) < 0)
            {
                tokens += text.Count(part.Name) + text.Count(part.Value.GetRawText());
            }
        }

        return tokens;
    }

    private static long Properties(JsonElement properties, TextTokens text)
    {
        long tokens = 0;
        foreach (var property in properties.EnumerateObject())
        {
            tokens += (tokens == 0 ? PerProperties : 0) + PerProperty + Property(property, text);
        }

        return tokens;
    }

    private static long Property(JsonProperty property, TextTokens text)
    {
        if (!IsFlat(property.Value))
        {
            return text.Count(property.Name) + text.Count(property.Value.GetRawText());
        }

        long tokens = 0;
        if (property.Value.TryGetProperty("enum", out var items))
        {
            tokens += PerEnum;
            foreach (var item in items.EnumerateArray())
            {
                tokens += PerEnumItem + text.Count(item.ToString());
            }
        }

        var type = property.Value.TryGetProperty("type", out var typed) ? typed.ToString() : "";
        var description = property.Value.TryGetProperty("description", out var described) ? described.ToString() : "";
        return tokens + text.Count($"{property.Name}:{type}:{description.TrimEnd('.')}");
    }

    private static bool IsFlat(JsonElement property)
    {
        if (property.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var part in property.EnumerateObject())
        {
            if (Array.IndexOf(FlatKeys, part.Name) < 0 || (part.NameEquals("enum") && part.Value.ValueKind != JsonValueKind.Array))
            {
                return false;
            }
        }

        return true;
    }
}
