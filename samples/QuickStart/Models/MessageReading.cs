using QuickStart.Search;

namespace QuickStart.Models;

/// <summary>What the scripted model makes of one user message: the sum in it, the words of the question around it, or small talk.</summary>
internal sealed class MessageReading
{
    private static readonly HashSet<string> SmallTalk = Set(
        "hi hello hey hallo good morning afternoon evening day bye goodbye thanks thank great ok okay nice cool please help there welcome");

    private static readonly HashSet<string> AboutTheModel = Set("ai bot robot human real person machine model llm gpt chatgpt assistant agent name do capable");

    // Words around a sum that ask for its value and nothing else.
    private static readonly HashSet<string> AsksForValue = Set(
        "calculate compute evaluate result sum answer number equal equals total work math exactly value expression question reply give only solve quick quickly");

    /// <summary>The sum, ready for the calculator, or <see langword="null"/>.</summary>
    public string? Expression { get; private init; }

    /// <summary>The words to search for; empty when the message asks nothing of the documents.</summary>
    public required string Query { get; init; }

    /// <summary>Whether the message is a greeting or asks about the model itself.</summary>
    public bool IsSmallTalk { get; private init; }

    public static MessageReading Of(string message)
    {
        var sum = ArithmeticInText.Find(message);
        var rest = sum is null ? message : message.Remove(sum.Start, sum.End - sum.Start);
        var words = SearchTerms.Words(rest).ToArray();
        var question = words.Where(static word => SearchTerms.Of(word).Count > 0).ToArray();
        var smallTalk = sum is null && (question.All(SmallTalk.Contains) || AsksWhoAnswers(words, question));
        var asksForValueOnly = sum is not null && question.All(static word => AsksForValue.Contains(word) || SmallTalk.Contains(word));
        return new MessageReading
        {
            Expression = sum?.Expression,
            Query = smallTalk || asksForValueOnly ? "" : string.Join(' ', question),
            IsSmallTalk = smallTalk,
        };
    }

    private static bool AsksWhoAnswers(string[] words, string[] question) =>
        words.Contains("you") && question.All(static word => AboutTheModel.Contains(word) || SmallTalk.Contains(word));

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);
}
