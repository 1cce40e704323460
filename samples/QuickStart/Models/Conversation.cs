using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace QuickStart.Models;

/// <summary>What the scripted model takes from the earlier messages of a conversation.</summary>
internal static partial class Conversation
{
    /// <summary>Answers questions about the conversation itself, or <see langword="null"/> when the last message is none.</summary>
    public static string? Recall(IReadOnlyList<ChatMessage> messages, string last)
    {
        if (AsksForName().IsMatch(last))
        {
            var name = Earlier(messages).Select(static earlier => GivesName().Match(earlier)).FirstOrDefault(static match => match.Success);
            return name is null ? "You have not told me your name in this conversation." : $"You told me earlier that your name is {name.Groups["name"].Value}.";
        }

        if (AsksForMessage().IsMatch(last))
        {
            var before = Earlier(messages).FirstOrDefault();
            return before is null ? "This is the first message of the conversation." : $"Your message before this one was: \"{before}\"";
        }

        return GivesName().Match(last) is { Success: true } given && MessageReading.Of(GivesName().Replace(last, "")) is { Expression: null, IsSmallTalk: true }
            ? $"Noted for this conversation: your name is {given.Groups["name"].Value}."
            : null;
    }

    /// <summary>The words of the question before this one, when this one only continues it: "And for the Vault 4?". Else empty.</summary>
    public static string ContinuedQuery(IReadOnlyList<ChatMessage> messages, string last) =>
        Continues().IsMatch(last)
            ? Earlier(messages).Select(static message => MessageReading.Of(message).Query).FirstOrDefault(static query => query.Length > 0) ?? ""
            : "";

    private static IEnumerable<string> Earlier(IReadOnlyList<ChatMessage> messages) =>
        messages.Where(static message => message.Role == ChatRole.User).Select(static message => message.Text).Reverse().Skip(1);

    [GeneratedRegex(@"^\s*(?:and|what\s+about|how\s+about)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Continues();

    [GeneratedRegex(@"\bmy\s+name\s+is\s+(?<name>\p{L}[\p{L}'-]*)[.!]?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GivesName();

    [GeneratedRegex(@"\bwhat(?:['’]?s|\s+is|\s+was)\s+my\s+name\b|\bwho\s+am\s+i\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsksForName();

    [GeneratedRegex(@"\bwhat\s+(?:did|have)\s+i\s+(?:just\s+)?(?:ask|say|said|write|wrote|told|tell)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsksForMessage();
}
