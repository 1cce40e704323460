using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// Turns a result into what the loop hands on: text as text, structured content as JSON, anything with an image, a sound or a file as a list of contents.
/// What is too long is cut off, and the model is told so.
/// </summary>
internal static class McpResults
{
    public static object? Map(CallToolResult result, McpServerOptions options)
    {
        var text = new StringBuilder();
        var others = new List<AIContent>();
        var room = options.MaxResultCharacters;
        long cut = 0;
        var left = new McpAttachments(options.MaxAttachmentBytes);
        foreach (var block in result.Content ?? [])
        {
            switch (Convert(block))
            {
                case TextContent { Text: var part }:
                    if (text.Length > 0)
                    {
                        Append(text, "\n", ref room, ref cut);
                    }

                    Append(text, part, ref room, ref cut);
                    break;
                case DataContent data when !left.Take(data):
                    break;
                case { } other:
                    // The protocol's own object would be kept as long as the conversation.
                    other.RawRepresentation = null;
                    others.Add(other);
                    break;
                default:
                    Append(text, $"[Content of type {block.Type} was left out.]", ref room, ref cut);
                    break;
            }
        }

        if (result.IsError == true)
        {
            return $"Error: {(text.Length > 0 ? Finished(text, cut, left) : "the tool failed and did not say why.")}";
        }

        // The text beside structured content is the same once more, for clients that do not read it.
        if (result.StructuredContent is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } structured && (others.Count == 0 || text.Length == 0))
        {
            var json = structured.GetRawText();
            if (others.Count == 0 && left.Note is null && json.Length <= options.MaxResultCharacters)
            {
                return structured.Clone();
            }

            (room, cut) = (options.MaxResultCharacters, 0);
            Append(text.Clear(), json, ref room, ref cut);
        }

        var finished = Finished(text, cut, left);
        if (others.Count == 0)
        {
            return finished;
        }

        if (finished.Length > 0)
        {
            others.Insert(0, new TextContent(finished));
        }

        return others;
    }

    private static AIContent? Convert(ContentBlock block)
    {
        switch (block)
        {
            case ResourceLinkBlock link:
                // A link is for the model to read, not for the host to follow.
                return new TextContent($"Resource {link.Name}: {link.Uri}{(link.Description is { } description ? $" ({description})" : "")}");
            case EmbeddedResourceBlock { Resource: TextResourceContents resource }:
                return new TextContent(resource.Text);
            case TextContentBlock or ImageContentBlock or AudioContentBlock or EmbeddedResourceBlock:
                try
                {
                    var content = block.ToAIContent();
                    content?.AdditionalProperties = null;
                    return content;
                }
                catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException or UriFormatException)
                {
                    // Base64 that is none, or a media type that is none: the server's mistake, which the model is told of by a note.
                    return null;
                }

            default:
                return null;
        }
    }

    private static void Append(StringBuilder text, string part, ref int room, ref long cut)
    {
        var taken = Math.Min(part.Length, Math.Max(0, room));
        if (taken < part.Length && taken > 0 && char.IsHighSurrogate(part[taken - 1]))
        {
            taken--;
        }

        text.Append(part, 0, taken);
        room = taken < part.Length ? 0 : room - taken;
        cut += part.Length - taken;
    }

    private static string Finished(StringBuilder text, long cut, McpAttachments attachments)
    {
        if (cut > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[{cut:N0} more characters were cut off. Ask for less at once.]");
        }

        if (attachments.Note is { } note)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(note);
        }

        return text.ToString();
    }
}
