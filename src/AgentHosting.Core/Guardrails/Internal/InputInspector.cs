using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Checks messages by the options of a guard.</summary>
internal sealed class InputInspector(InputGuardOptions options)
{
    /// <summary>Checks all messages.</summary>
    /// <returns>The same list where nothing was taken out, and how much it looks like injection.</returns>
    /// <exception cref="InputRejectedException">A message is refused.</exception>
    public async ValueTask<(IReadOnlyList<ChatMessage> Messages, double Score)> InspectAsync(
        IReadOnlyList<ChatMessage> messages, AgentCallContext? context, CancellationToken cancellationToken)
    {
        long total = 0;
        var attachments = 0;
        List<ChatMessage>? copy = null;
        for (var i = 0; i < messages.Count; i++)
        {
            CheckRole(messages[i], i);
            var message = CheckContents(messages[i], i, ref attachments, out var bytes);
            total += bytes;
            if (total > options.MaxTotalBytes)
            {
                throw Rejected("messages", "size", $"The messages hold more than {options.MaxTotalBytes} bytes of text. Send less, or start a new conversation.");
            }

            if (!ReferenceEquals(message, messages[i]))
            {
                copy ??= [.. messages];
                copy[i] = message;
            }
        }

        var result = copy ?? messages;
        for (var i = 0; i < result.Count; i++)
        {
            foreach (var validator in options.Validators)
            {
                if (await validator.ValidateAsync(result[i], context, cancellationToken) is { } error)
                {
                    throw Rejected($"messages[{i}]", "validator", error);
                }
            }
        }

        // As the model will read it: what was taken out must not hide a phrase.
        return (result, Score(result));
    }

    private void CheckRole(ChatMessage message, int index)
    {
        var isAllowed = message.Role == ChatRole.User || message.Role == ChatRole.Assistant
            || (message.Role == ChatRole.Tool ? options.AllowToolMessages : options.AllowSystemMessages);
        if (!isAllowed)
        {
            var fix = message.Role == ChatRole.Tool
                ? "Send user and assistant messages only, or set AllowToolMessages where the history is your own."
                : "Put instructions into ChatOptions.Instructions, or set AllowSystemMessages where the messages are your own.";
            throw Rejected($"messages[{index}].role", "role", $"A message has role '{Shorten(message.Role.Value)}', which a caller may not use. {fix}");
        }
    }

    private ChatMessage CheckContents(ChatMessage message, int index, ref int attachments, out long bytes)
    {
        bytes = Encoding.UTF8.GetByteCount(message.AuthorName ?? string.Empty);
        List<AIContent>? copy = null;
        var contents = message.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            var field = $"messages[{index}].contents[{i}]";
            switch (contents[i])
            {
                case TextContent text:
                    bytes += Encoding.UTF8.GetByteCount(text.Text ?? string.Empty);
                    CheckSize(field, bytes);
                    var clean = Clean(text.Text ?? string.Empty, field);
                    if (!ReferenceEquals(clean, text.Text) && text.Text is not null)
                    {
                        copy ??= [.. contents];
                        copy[i] = new TextContent(clean) { AdditionalProperties = text.AdditionalProperties };
                    }

                    break;
                case TextReasoningContent reasoning:
                    // Not cleaned: its signature holds for the text as it is.
                    bytes += Encoding.UTF8.GetByteCount(reasoning.Text ?? string.Empty) + (reasoning.ProtectedData?.Length ?? 0);
                    CheckSize(field, bytes);
                    break;
                case DataContent data:
                    attachments++;
                    CheckAttachment(field, data.MediaType, attachments, data.Data.Length);
                    break;
                case UriContent uri:
                    attachments++;
                    if (!options.AllowUris)
                    {
                        throw Rejected(field, "attachment", "An attachment is an address. Send the file itself, or set AllowUris.");
                    }

                    CheckAttachment(field, uri.MediaType, attachments, 0);
                    break;
                case HostedFileContent or HostedVectorStoreContent:
                    attachments++;
                    if (!options.AllowUris)
                    {
                        throw Rejected(field, "attachment", "An attachment is the id of a file that the provider keeps, maybe somebody else's. Send the file itself, or set AllowUris.");
                    }

                    CheckCount(field, attachments);
                    break;
                case ToolApprovalResponseContent:
                    break;
                case ToolCallContent or ToolResultContent or ToolApprovalRequestContent when !options.AllowToolMessages:
                    throw Rejected(field, "content", "A message holds a tool call or the result of one, which a caller may not send. Set AllowToolMessages where the history is your own.");
                default:
                    break;
            }
        }

        if (copy is null)
        {
            return message;
        }

        var cleaned = message.Clone();
        cleaned.Contents = copy;
        // Some clients send the provider's own form of a message instead of its contents.
        cleaned.RawRepresentation = null;
        return cleaned;
    }

    private string Clean(string text, string field)
    {
        var controls = options.ControlCharacters != InputGuardAction.Allow && InputCharacters.HasControl(text);
        var invisibles = options.InvisibleCharacters != InputGuardAction.Allow && InputCharacters.HasInvisible(text);
        if (controls && options.ControlCharacters == InputGuardAction.Reject)
        {
            throw Rejected(field, "characters", "The text holds control characters. Take them out.");
        }

        if (invisibles && options.InvisibleCharacters == InputGuardAction.Reject)
        {
            throw Rejected(field, "characters", "The text holds characters that cannot be seen. Take them out.");
        }

        return controls || invisibles ? InputCharacters.Strip(text, controls, invisibles) : text;
    }

    private void CheckSize(string field, long bytes)
    {
        if (bytes > options.MaxMessageBytes)
        {
            throw Rejected(field, "size", $"The message holds more than {options.MaxMessageBytes} bytes of text. Send a shorter one.");
        }
    }

    private void CheckCount(string field, int count)
    {
        if (count > options.MaxAttachments)
        {
            throw Rejected(field, "attachment", $"There are more than {options.MaxAttachments} attachments. Send fewer.");
        }
    }

    private void CheckAttachment(string field, string? mediaType, int count, long bytes)
    {
        CheckCount(field, count);
        if (bytes > options.MaxAttachmentBytes)
        {
            throw Rejected(field, "attachment", string.Create(CultureInfo.InvariantCulture, $"The attachment has {bytes} bytes. Send at most {options.MaxAttachmentBytes}."));
        }

        var type = (mediaType ?? string.Empty).Split(';')[0].Trim();
        foreach (var allowed in options.AllowedMediaTypes)
        {
            if (allowed.EndsWith("/*", StringComparison.Ordinal)
                ? type.StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.OrdinalIgnoreCase)
                : type.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return;
            }
        }

        throw Rejected(field, "attachment", $"An attachment has media type '{Shorten(type)}'. Send one of: {string.Join(", ", options.AllowedMediaTypes)}.");
    }

    // What the user says now: earlier messages had their turn, unless such ones are refused. Then none can be in an honest history, and a caller who
    // brings the history could put one before an answer that was never given.
    private double Score(IReadOnlyList<ChatMessage> messages)
    {
        if (options.Injection == InjectionAction.Ignore)
        {
            return 0;
        }

        var score = 0.0;
        for (var i = messages.Count - 1; i >= 0 && (options.Injection == InjectionAction.Block || messages[i].Role != ChatRole.Assistant); i--)
        {
            if (messages[i].Role == ChatRole.User)
            {
                score = Math.Max(score, InjectionScore.Of(messages[i].Text));
            }
        }

        return options.Injection == InjectionAction.Block && score >= options.InjectionThreshold
            ? throw Rejected("messages", "injection", "The message looks like an attempt to change the instructions of the assistant. Say it in other words.")
            : score;
    }

    private static InputRejectedException Rejected(string field, string reason, string message) =>
        new($"The request was refused ({field}): {message}") { Field = field, Reason = reason };

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
