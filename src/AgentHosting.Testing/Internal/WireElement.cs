using System.Text.Json;

namespace AgentHosting.Testing.Internal;

/// <summary>Members of a JSON object. A missing member and null are the same; a wrong type is refused with the name of the parameter.</summary>
internal static class WireElement
{
    public static JsonElement? Member(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new WireFormatException($"Invalid type: an object with '{name}' is expected, a JSON {element.ValueKind} was sent.", name, "invalid_type");
        }

        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public static string? Text(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw WrongType(name, "a string", value),
    };

    public static bool? Flag(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw WrongType(name, "a boolean", value),
    };

    public static float? Single(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetSingle(out var number) => number,
        { } value => throw WrongType(name, "a number", value),
    };

    public static long? Integer(this JsonElement element, string name) => element.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        { } value => throw WrongType(name, "an integer", value),
    };

    public static int? Int32(this JsonElement element, string name) => element.Integer(name) switch
    {
        null => null,
        >= int.MinValue and <= int.MaxValue and var number => (int)number,
        var number => throw new WireFormatException($"Invalid '{name}': {number} is out of range.", name, "integer_out_of_range"),
    };

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.Member(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        { } value => throw WrongType(name, "an array", value),
    };

    public static WireFormatException Missing(string name) => new($"Missing required parameter: '{name}'.", name, "missing_required_parameter");

    public static WireFormatException WrongType(string name, string expected, JsonElement value) =>
        new($"Invalid type for '{name}': expected {expected}, but got a JSON {value.ValueKind} instead.", name, "invalid_type");
}
