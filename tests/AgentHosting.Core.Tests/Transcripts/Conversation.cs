using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Transcripts;

/// <summary>
/// Conversations in short: S, U, A and T are the roles; in brackets c1 is a call (in A) or a result (else, or with =), i1 a call that a service ran, t text, r reasoning.
/// What a repair invented is written with a question mark.
/// </summary>
internal static class Conversation
{
    public static List<ChatMessage> Parse(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => ParseMessage(word))];

    public static string Write(IReadOnlyList<ChatMessage> messages) => string.Join(' ', messages.Select(Write));

    private static ChatMessage ParseMessage(string word)
    {
        var role = word[0] switch { 'S' => ChatRole.System, 'U' => ChatRole.User, 'A' => ChatRole.Assistant, _ => ChatRole.Tool };
        return word.Length == 1
            ? new ChatMessage(role, [])
            : new ChatMessage(role, [.. word[2..^1].Split(',').Select(part => ParseContent(part, role == ChatRole.Assistant))]);
    }

    private static AIContent ParseContent(string part, bool isAssistant) => part switch
    {
        "t" => new TextContent("text"),
        "r" => new TextReasoningContent("reasoning"),
        _ when part.EndsWith('=') => new FunctionResultContent(part[..^1], "result"),
        _ when isAssistant => new FunctionCallContent(part, "f") { InformationalOnly = part[0] == 'i' },
        _ => new FunctionResultContent(part, "result"),
    };

    private static string Write(ChatMessage message)
    {
        var role = message.Role == ChatRole.System ? "S" : message.Role == ChatRole.User ? "U" : message.Role == ChatRole.Assistant ? "A" : "T";
        return message.Contents.Count == 0 ? role : $"{role}({string.Join(',', message.Contents.Select(content => Write(content, message.Role == ChatRole.Assistant)))})";
    }

    private static string Write(AIContent content, bool isAssistant) => content switch
    {
        TextContent => "t",
        TextReasoningContent => "r",
        FunctionCallContent call => call.CallId,
        FunctionResultContent result => result.CallId + (isAssistant ? "=" : "") + (result.Result?.ToString() == TranscriptRepair.MissingResult ? "?" : ""),
        _ => throw new InvalidOperationException(content.GetType().Name),
    };
}
