using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Turns the bytes of a body into the fields of one JSON object, and says what is wrong with them.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 16;
    private const int MaxReportedUnknownFields = 10;
    private const string Root = "$";
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <returns>What <paramref name="read"/> returned, or <see langword="null"/> when <paramref name="errors"/> says why it was not asked.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> body, string[] knownFields, FieldErrors errors, Func<JsonFieldReader, T?> read)
        where T : class
    {
        if (body.Span.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        if (!Utf8.IsValid(body.Span))
        {
            errors.Add(Root, "The body is not valid UTF-8.");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body, DocumentOptions);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                errors.Add(Root, $"The body is {JsonFieldReader.Describe(root)}. Send an object with the fields {string.Join(", ", knownFields)}.");
                return null;
            }

            ReportUnknownFields(root, knownFields, errors);
            return read(new JsonFieldReader(root, errors));
        }
        catch (JsonException exception)
        {
            errors.Add(Root, string.Create(
                CultureInfo.InvariantCulture,
                $"The body is not JSON that can be taken (line {(exception.LineNumber ?? 0) + 1}, byte {(exception.BytePositionInLine ?? 0) + 1}): {RemovePosition(exception.Message)}"));
        }
        catch (InvalidOperationException)
        {
            // Names are decoded when duplicates are looked for, and an escape such as \ud800 alone stands for no character.
            errors.Add(Root, JsonFieldReader.HalfPair);
        }

        return null;
    }

    private static void ReportUnknownFields(JsonElement root, string[] knownFields, FieldErrors errors)
    {
        var reported = 0;
        foreach (var property in root.EnumerateObject())
        {
            if (knownFields.Contains(property.Name))
            {
                continue;
            }

            // The answer must not grow with the number of wrong fields.
            if (++reported > MaxReportedUnknownFields)
            {
                errors.Add(Root, "There are more unknown fields than are listed here.");
                return;
            }

            errors.Add(JsonFieldReader.Shorten(property.Name), $"There is no such field. The fields are {string.Join(", ", knownFields)}.");
        }
    }

    private static string RemovePosition(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
