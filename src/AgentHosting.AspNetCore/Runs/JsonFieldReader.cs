using System.Globalization;
using System.Text.Json;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Reads fields of a JSON object and notes those of the wrong type. A null is a field that is not there.</summary>
internal sealed class JsonFieldReader(JsonElement root, FieldErrors errors)
{
    public const string HalfPair = "The text has an escape such as \\ud800 that is half of a surrogate pair and stands for no character.";
    private const int MaxShownCharacters = 64;

    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    public static string Shorten(string text) => text.Length <= MaxShownCharacters ? text : text[..MaxShownCharacters] + "…";

    public bool Has(string name) => TryGet(name, out _);

    public string? ReadString(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return Decode(name, value);
        }

        errors.Add(name, $"It is {Describe(value)}. Send a string.");
        return null;
    }

    public JsonElement? ReadAny(string name) => TryGet(name, out var value) ? value.Clone() : null;

    public bool? ReadBoolean(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        errors.Add(name, $"It is {Describe(value)}. Send true or false.");
        return null;
    }

    public int? ReadInteger(string name, int min, int max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"It is {DescribeNumber(value)}. Send an integer from {min} to {max}."));
        return null;
    }

    public double? ReadNumber(string name, double min, double max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"It is {DescribeNumber(value)}. Send a number from {min} to {max}."));
        return null;
    }

    public string? ReadWord(string name, params ReadOnlySpan<string> words)
    {
        if (ReadString(name) is not { } value)
        {
            return null;
        }

        if (words.Contains(value))
        {
            return value;
        }

        errors.Add(name, $"It is '{Shorten(value)}'. Send one of: {string.Join(", ", words.ToArray())}.");
        return null;
    }

    public Dictionary<string, string>? ReadStrings(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.Add(name, $"It is {Describe(value)}. Send an object whose values are strings.");
            return null;
        }

        var strings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                errors.Add(name, $"The value of '{Shorten(property.Name)}' is {Describe(property.Value)}. Send a string.");
                return null;
            }

            if (Decode(name, property.Value) is not { } text)
            {
                return null;
            }

            strings[property.Name] = text;
        }

        return strings;
    }

    private static string DescribeNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number ? Shorten(value.GetRawText()) : Describe(value);

    private bool TryGet(string name, out JsonElement value) => root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private string? Decode(string name, JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            errors.Add(name, HalfPair);
            return null;
        }
    }
}
