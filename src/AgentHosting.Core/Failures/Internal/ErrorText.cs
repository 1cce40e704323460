using System.Globalization;
using System.Text.Json;

namespace AgentHosting.Failures.Internal;

/// <summary>Finds status and error code in what providers and their clients write.</summary>
internal static class ErrorText
{
    private const int MaxBodyLength = 64 * 1024;

    /// <summary>The status that a message names: <c>HTTP 429 (...)</c> of System.ClientModel, <c>Status: 429 (...)</c> of Azure.Core, <c>Status Code: 429</c> of others.</summary>
    public static int? StatusOf(string message)
    {
        foreach (var mark in (ReadOnlySpan<string>)["HTTP ", "Status: ", "Status Code: "])
        {
            var start = message.IndexOf(mark, StringComparison.Ordinal);
            if (start >= 0
                && message.Length >= start + mark.Length + 3
                && int.TryParse(message.AsSpan(start + mark.Length, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
                && status is >= 400 and < 600)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>
    /// The most telling code of an error body: the inner code of Azure, else <c>code</c>, else <c>type</c>. Anthropic has only a type, OpenAI both.
    /// </summary>
    public static string? CodeOf(string? body)
    {
        if (string.IsNullOrEmpty(body) || body.Length > MaxBodyLength || body.IndexOf('{', StringComparison.Ordinal) is var start && start < 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body.AsMemory(start));
            var error = Child(document.RootElement, "error") ?? document.RootElement;
            return Text(Child(error, "innererror"), "code") ?? Text(error, "code") ?? Text(error, "type");
        }
        catch (JsonException)
        {
            // A proxy's page, or text after the body: there is no code to be had.
            return null;
        }
    }

    /// <summary>The code in the first line of System.ClientModel's message: <c>HTTP 429 (type: code)</c>.</summary>
    public static string? CodeInMessage(string message)
    {
        var line = message.AsSpan();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        var colon = line.LastIndexOf(": ");
        return line.StartsWith("HTTP ", StringComparison.Ordinal) && colon > 0 && line.EndsWith(")", StringComparison.Ordinal) && line.Length > colon + 3
            ? line[(colon + 2)..^1].ToString()
            : null;
    }

    private static JsonElement? Child(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    private static string? Text(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.String
            ? child.GetString() is { Length: > 0 } text ? text : null
            : null;
}
