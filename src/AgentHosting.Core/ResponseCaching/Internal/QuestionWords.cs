using System.Collections.Frozen;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The words in which two questions may differ.</summary>
internal static class QuestionWords
{
    /// <summary>Words that mean the same wherever they stand, unless as names, each with the one that stands for its group. Units and number words are brought to one spelling.</summary>
    public static FrozenDictionary<string, string> Synonyms { get; } = Groups(
        "buy purchase", "begin start", "big large", "biggest largest", "fast quick", "fastest quickest", "phone telephone", "car automobile", "photo picture",
        "movie film", "delete remove", "fix repair", "create make", "way method", "describe explain", "calculate compute", "email e-mail", "summarize summarise",
        "color colour", "choose pick", "get obtain", "need require", "find locate", "change modify", "help assist", "wrong incorrect", "begins starts",
        "percent %", "km kilometer kilometers kilometre kilometres", "meter meters metre metres", "kg kilogram kilograms",
        "mile miles", "hour hours", "minute minutes", "day days", "week weeks", "month months", "year years", "dollar dollars", "euro euros",
        "0 zero", "1 one", "2 two", "3 three", "4 four", "5 five", "6 six", "7 seven", "8 eight", "9 nine", "10 ten", "11 eleven", "12 twelve");

    private static FrozenDictionary<string, string> Groups(params string[] groups) => groups
        .Select(static group => group.Split(' '))
        .SelectMany(static words => words.Select(word => KeyValuePair.Create(word, words[0])))
        .ToFrozenDictionary(StringComparer.Ordinal);
}
