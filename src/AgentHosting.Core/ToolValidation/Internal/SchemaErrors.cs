using System.Text;
using System.Text.Json;
using Json.Schema;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Says to a model what is wrong with its arguments: where, what the schema asks for, what kind of value is there. Never the value, which may be a secret.</summary>
internal static class SchemaErrors
{
    private const int MaxErrors = 5;
    private const int MaxConstraint = 200;

    public static string Describe(EvaluationResults results, JsonElement schema, JsonElement arguments)
    {
        var text = new StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var detail in Flatten(results))
        {
            foreach (var keyword in detail.Errors?.Keys ?? Enumerable.Empty<string>())
            {
                var error = Describe(detail, keyword, schema, arguments);
                if (error is not null && seen.Add(error) && seen.Count <= MaxErrors)
                {
                    text.Append(text.Length == 0 ? "" : "; ").Append(error);
                }
            }
        }

        return text.Length == 0 ? "the arguments do not fit the tool's schema." : text.Append(seen.Count > MaxErrors ? "; and more." : ".").ToString();
    }

    public static string Known(JsonElement schema)
    {
        var names = schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties"u8, out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject().Select(static property => property.Name).ToArray()
            : [];
        return names.Length == 0 ? "It takes none." : Cut($"It takes: {string.Join(", ", names)}") + ".";
    }

    private static IEnumerable<EvaluationResults> Flatten(EvaluationResults results)
    {
        yield return results;
        foreach (var detail in results.Details ?? [])
        {
            if (!detail.IsValid)
            {
                foreach (var inner in Flatten(detail))
                {
                    yield return inner;
                }
            }
        }
    }

    private static string? Describe(EvaluationResults detail, string keyword, JsonElement schema, JsonElement arguments)
    {
        var location = detail.InstanceLocation.ToString();
        var path = Path(location);
        var value = Find(arguments, location);
        var fragment = Uri.UnescapeDataString(detail.SchemaLocation.Fragment.TrimStart('#'));
        var part = Find(schema, fragment);
        if (keyword.Length == 0)
        {
            // The false schema: nothing is allowed here, as below additionalProperties.
            return $"{path} is not allowed";
        }

        var constraint = part is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(keyword, out var wanted) ? wanted : default;
        return keyword switch
        {
            "type" => $"{path}: expected {Words(constraint)}, got {Kind(value)}",
            "required" => $"{path}: {Missing(constraint, value)}",
            "enum" => $"{path}: expected one of {Show(constraint)}, got another {Kind(value)}",
            "const" => $"{path}: expected {Show(constraint)}, got another {Kind(value)}",
            "properties" or "items" or "prefixItems" or "additionalProperties" or "$ref" or "allOf" => null,
            "anyOf" or "oneOf" => $"{path}: fits none of the forms that are allowed, or more than one",
            _ => constraint.ValueKind == JsonValueKind.Undefined ? $"{path}: does not fit '{keyword}'" : $"{path}: expected {keyword} {Show(constraint)}",
        };
    }

    private static string Missing(JsonElement required, JsonElement? value)
    {
        var missing = required.ValueKind == JsonValueKind.Array
            ? required.EnumerateArray().Select(static name => name.GetString() ?? "")
                .Where(name => value is not { ValueKind: JsonValueKind.Object } found || !found.TryGetProperty(name, out _)).ToArray()
            : [];
        return Cut($"missing {string.Join(", ", missing.Select(static name => $"'{name}'"))}");
    }

    // A path names properties that the model wrote.
    private static string Path(string location) => location.Length == 0
        ? "the arguments"
        : SafeName.Of(location.TrimStart('/').Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));

    private static string Words(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => type.GetString()!,
        JsonValueKind.Array => string.Join(" or ", type.EnumerateArray().Select(static one => one.ToString())),
        _ => "another type",
    };

    private static string Kind(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.Value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };

    // What the tool's author wrote.
    private static string Show(JsonElement constraint) => Cut(constraint.GetRawText());

    private static string Cut(string text) => text.Length <= MaxConstraint ? text : string.Concat(text.AsSpan(0, MaxConstraint), "...");

    private static JsonElement? Find(JsonElement root, string pointer)
    {
        var current = root;
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (current.ValueKind == JsonValueKind.Object && current.TryGetProperty(name, out var next))
            {
                current = next;
            }
            else if (current.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < current.GetArrayLength())
            {
                current = current[index];
            }
            else
            {
                return null;
            }
        }

        return current;
    }
}
