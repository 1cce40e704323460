using System.Text.Json;

namespace AgentHosting.Testing.Internal;

/// <summary>Reads the body of a chat-completion request, or says how OpenAI would refuse it.</summary>
internal static class WireRequestReader
{
    public static (WireRequest? Request, WireError? Error) Read(ReadOnlyMemory<byte> body, bool validateToolMessages)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return (ReadRoot(document.RootElement, validateToolMessages), null);
        }
        catch (JsonException exception)
        {
            return (null, new WireError(400, $"We could not parse the JSON body of your request. {exception.Message}"));
        }
        catch (WireFormatException exception)
        {
            return (null, exception.ToError());
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // What the content types of Microsoft.Extensions.AI refuse: a broken data URI, a schema that is no object.
            return (null, new WireError(400, $"Invalid request: {exception.Message}"));
        }
    }

    private static WireRequest ReadRoot(JsonElement root, bool validateToolMessages)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new WireFormatException($"The body is a JSON {root.ValueKind}; an object is needed.", param: null);
        }

        if (root.Text("model") is not { Length: > 0 })
        {
            throw new WireFormatException("you must provide a model parameter", "model", "missing_required_parameter");
        }

        if (root.Member("messages") is not { } messages)
        {
            throw WireElement.Missing("messages");
        }

        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw new WireFormatException("Invalid 'messages': an array with at least one message is needed.", "messages", "invalid_type");
        }

        if (validateToolMessages)
        {
            WireToolMessages.Validate(messages);
        }

        var parsed = WireMessageReader.Read(messages);
        var includeUsage = root.Member("stream_options")?.Flag("include_usage") ?? false;
        return new WireRequest(parsed, WireOptionsReader.Read(root), root.Flag("stream") ?? false, includeUsage);
    }
}
