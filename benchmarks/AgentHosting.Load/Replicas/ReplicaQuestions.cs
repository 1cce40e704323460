using System.Globalization;

namespace AgentHosting.Load.Replicas;

/// <summary>What replicas ask the provider: a kind and a name, which say how it answers.</summary>
internal static class ReplicaQuestions
{
    /// <summary>Answered after a moment with a number of tokens that follows from the name.</summary>
    public const string Spend = "spend";

    /// <summary>Answered with an error 503.</summary>
    public const string Fail = "fail";

    /// <summary>Answered after half a second.</summary>
    public const string Slow = "slow";

    /// <summary>Answered after three seconds.</summary>
    public const string VerySlow = "very-slow";

    /// <summary>Input tokens of every bill: fewer than the text of any question could have, since what is reserved is counted from the text.</summary>
    public const int InputTokens = 10;

    public static string Text(string kind, string name) => $"{kind} {name}";

    public static (string Kind, string Name) Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return (parts[0], parts[1]);
    }

    /// <summary>How many tokens the answer has: anything from none to all that it may have.</summary>
    public static int OutputTokensOf(string name, int most)
    {
        var number = name.Aggregate(17u, static (sum, character) => unchecked((sum * 31) + character));
        return (int)(number % (uint)(most + 1));
    }

    public static string AnswerTo(string name, int call) => string.Create(CultureInfo.InvariantCulture, $"{name} answered by call {call}");
}
