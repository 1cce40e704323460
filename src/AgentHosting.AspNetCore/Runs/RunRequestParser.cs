using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Turns the bytes of a body into a request. It checks what JSON can get wrong; what the fields mean is checked where the run is submitted.</summary>
internal static class RunRequestParser
{
    private const int MaxDepth = 16;
    private const int MaxReportedUnknownFields = 10;
    private const string Root = "$";
    private const string KnownFields = "message, user_id, session_id, agent, priority, delay, on_busy, metadata";
    private static readonly double MaxDelaySeconds = TimeSpan.FromDays(30).TotalSeconds;
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <returns>The request, or <see langword="null"/> when <paramref name="errors"/> says why there is none.</returns>
    public static RunRequestBody? Parse(ReadOnlyMemory<byte> body, int maxMessageLength, FieldErrors errors)
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
            return Read(document.RootElement, maxMessageLength, errors);
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

    private static RunRequestBody? Read(JsonElement root, int maxMessageLength, FieldErrors errors)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Root, $"The body is {JsonFieldReader.Describe(root)}. Send an object with the fields {KnownFields}.");
            return null;
        }

        ReportUnknownFields(root, errors);
        var fields = new JsonFieldReader(root, errors);
        var request = new RunRequestBody
        {
            Message = fields.ReadString("message") ?? "",
            UserId = fields.ReadString("user_id"),
            SessionId = fields.ReadString("session_id"),
            Agent = fields.ReadString("agent"),
            Priority = fields.ReadInteger("priority", 0, 9) ?? 0,
            Delay = fields.ReadNumber("delay", 0, MaxDelaySeconds) ?? 0,
            OnBusy = fields.ReadWord("on_busy", "enqueue", "reject"),
            Metadata = fields.ReadStrings("metadata"),
        };
        if (!fields.Has("message"))
        {
            errors.Add("message", "Say something: the message is missing.");
        }
        else if (request.Message.Length > maxMessageLength)
        {
            errors.Add("message", string.Create(CultureInfo.InvariantCulture, $"The message has {request.Message.Length} characters. Send at most {maxMessageLength}."));
        }

        return errors.Any ? null : request;
    }

    private static void ReportUnknownFields(JsonElement root, FieldErrors errors)
    {
        var reported = 0;
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name is "message" or "user_id" or "session_id" or "agent" or "priority" or "delay" or "on_busy" or "metadata")
            {
                continue;
            }

            // The answer must not grow with the number of wrong fields.
            if (++reported > MaxReportedUnknownFields)
            {
                errors.Add(Root, "There are more unknown fields than are listed here.");
                return;
            }

            errors.Add(JsonFieldReader.Shorten(property.Name), $"There is no such field. The fields are {KnownFields}.");
        }
    }

    private static string RemovePosition(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
