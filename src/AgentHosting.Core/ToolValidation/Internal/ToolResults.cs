using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Keeps results of tools within a length, with a note for the model where something was cut.</summary>
internal static class ToolResults
{
    // What a content without a length of its own counts, so that a list without end has one.
    private const int SmallContent = 64;

    public static object? Cap(object? result, int maxLength, JsonSerializerOptions options)
    {
        switch (result)
        {
            case null:
                return null;
            case string text:
                return Cut(text, maxLength, text.Length);
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                return null;
            case JsonElement { ValueKind: JsonValueKind.String } element when JsonMarshal.GetRawUtf8Value(element).Length <= maxLength:
                return element;
            case JsonElement element:
                var raw = JsonMarshal.GetRawUtf8Value(element);
                return raw.Length <= maxLength ? element : Decode(raw, maxLength, raw.Length);
            case TextContent text when text.Text.Length > maxLength:
                return new TextContent(Cut(text.Text, maxLength, text.Text.Length)) { Annotations = text.Annotations };
            case DataContent data when data.Data.Length > maxLength:
                return Note(maxLength, data.Data.Length, "bytes of a file");
            case UriContent link when link.Uri.OriginalString.Length > maxLength:
                return Note(maxLength, link.Uri.OriginalString.Length, "characters of a link");
            case TextReasoningContent reasoning when reasoning.Text.Length > maxLength:
                return new TextReasoningContent(Cut(reasoning.Text, maxLength, reasoning.Text.Length));
            case ErrorContent error when error.Message?.Length > maxLength:
                return new ErrorContent(Cut(error.Message, maxLength, error.Message.Length)) { ErrorCode = error.ErrorCode };
            case FunctionResultContent inner:
                return Cap(inner.Result, maxLength, options);
            case AIContent:
                return result;
            case IEnumerable<AIContent> contents:
                return CapAll(contents, maxLength, options);
            default:
                return CapObject(result, maxLength, options);
        }
    }

    /// <summary>About how many bytes a result takes in memory; <see langword="null"/> for one that cannot be kept, since it may change.</summary>
    public static long? SizeOf(object? result) => result switch
    {
        null => 64,
        string text => 64 + (2L * text.Length),
        JsonElement element => 128 + (2L * JsonMarshal.GetRawUtf8Value(element).Length),
        _ => null,
    };

    public static string ToText(object? result, JsonSerializerOptions options) => result switch
    {
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        TextContent text => text.Text,
        _ => JsonSerializer.Serialize(result, options.GetTypeInfo(result.GetType())),
    };

    private static List<AIContent> CapAll(IEnumerable<AIContent> contents, int maxLength, JsonSerializerOptions options)
    {
        var kept = new List<AIContent>();
        var left = maxLength;
        foreach (var content in contents)
        {
            if (left <= 0)
            {
                kept.Add(new TextContent("[The rest of this result was cut.]"));
                break;
            }

            var cut = Cap(content, left, options);
            kept.Add(cut as AIContent ?? new TextContent(cut as string ?? ToText(cut, options)));
            left -= content switch
            {
                TextContent text => text.Text.Length,
                DataContent data => data.Data.Length,
                TextReasoningContent reasoning => reasoning.Text.Length,
                UriContent link => link.Uri.OriginalString.Length,
                _ => SmallContent,
            };
        }

        return kept;
    }

    // An object is written only as far as the model gets to see it.
    private static object CapObject(object result, int maxLength, JsonSerializerOptions options)
    {
        var buffer = new BoundedBuffer(maxLength);
        try
        {
            using var writer = new Utf8JsonWriter(buffer);
            JsonSerializer.Serialize(writer, result, options.GetTypeInfo(result.GetType()));
            writer.Flush();
        }
        catch (BufferLimitException)
        {
            return Decode(buffer.Written.Span, Math.Min(maxLength, buffer.Written.Length), null);
        }

        using var document = JsonDocument.Parse(buffer.Written, new JsonDocumentOptions { MaxDepth = 1000 });
        return document.RootElement.Clone();
    }

    private static string Cut(string text, int maxLength, long length)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        var cut = char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength;
        return string.Concat(text.AsSpan(0, cut), "\n", Note(cut, length, "characters"));
    }

    private static string Decode(ReadOnlySpan<byte> json, int maxLength, long? length)
    {
        var cut = maxLength;
        while (cut > 0 && cut < json.Length && (json[cut] & 0xC0) == 0x80)
        {
            cut--;
        }

        return string.Concat(Encoding.UTF8.GetString(json[..cut]), "\n", Note(cut, length, "bytes"));
    }

    private static string Note(long kept, long? length, string unit) => length is > 0
        ? string.Create(CultureInfo.InvariantCulture, $"[This result was cut: it has {length} {unit}, and at most {kept} are shown. Ask for less at once.]")
        : string.Create(CultureInfo.InvariantCulture, $"[This result was cut: it has more than {kept} {unit}. Ask for less at once.]");
}
