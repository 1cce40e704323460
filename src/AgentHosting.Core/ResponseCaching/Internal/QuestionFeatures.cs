using System.Text.RegularExpressions;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// What two questions must have in common, word for word, before their embeddings may say that they are the same. Embeddings give 0.95 and more to questions
/// that differ in a number, a name, a unit, a sign, a negation or in who does what to whom; so everything that can carry such a difference must be equal and
/// in the same order. Left to the embedding are "the", politeness, the end of a sentence, a few ways of asking, and a short list of synonyms.
/// </summary>
/// <remarks>The lists are English. In another language hardly a word is on them, so that questions must be all but equal: it finds less, not more.</remarks>
internal sealed partial class QuestionFeatures
{
    private readonly string[] _words;
    private readonly Casing[] _casing;

    private QuestionFeatures(string[] words, Casing[] casing)
    {
        _words = words;
        _casing = casing;
    }

    private enum Casing
    {
        Lower,
        Capital,

        // A capital begins every sentence, so there it says nothing.
        Unknown,
    }

    public static QuestionFeatures Of(string text)
    {
        var words = new List<string>();
        var casing = new List<Casing>();
        var startsSentence = true;
        var startsText = true;
        var spelled = Spelled(text);
        foreach (Match match in Token().Matches(spelled))
        {
            var token = match.Value;
            if (IsEnd(spelled, match.Index))
            {
                startsSentence = true;
                continue;
            }

            if (IsPause(spelled, match.Index))
            {
                continue;
            }

            var isCapital = char.IsUpper(token[0]);
            var isName = isCapital && !startsSentence;
            var word = Normalized(token, isName, startsText);
            if (word != "the" || isName)
            {
                words.Add(word);
                casing.Add(startsSentence ? Casing.Unknown : isCapital ? Casing.Capital : Casing.Lower);
            }

            startsSentence = false;
            startsText = false;
        }

        return new QuestionFeatures([.. words], [.. casing]);
    }

    /// <summary>Whether nothing stands against sharing an answer but the embedding.</summary>
    public bool MeansTheSame(QuestionFeatures other)
    {
        if (!_words.AsSpan().SequenceEqual(other._words))
        {
            return false;
        }

        for (var i = 0; i < _casing.Length; i++)
        {
            if (_casing[i] != other._casing[i] && _casing[i] != Casing.Unknown && other._casing[i] != Casing.Unknown)
            {
                return false;
            }
        }

        return true;
    }

    private static string Normalized(string token, bool isName, bool startsText)
    {
        if (Thousands().IsMatch(token))
        {
            token = token.Replace(",", "", StringComparison.Ordinal);
        }

        // The case of a unit, a symbol, an abbreviation or a single letter is part of it, wherever it stands: GB and Gb, mW and MW, vitamin A.
        if (token[0] == '"' || token.Count(char.IsLetter) == 1 || token.Skip(1).Any(char.IsUpper))
        {
            return token;
        }

        var word = token.ToLowerInvariant();
        return isName ? word : startsText && word == "which" ? "what" : QuestionWords.Synonyms.GetValueOrDefault(word, word);
    }

    // Contractions and the ways to open a question, brought to one form. A negation stays a word of its own.
    private static string Spelled(string text)
    {
        var spelled = text.Replace('\u2019', '\'').Replace('\u201C', '"').Replace('\u201D', '"');
        spelled = Told().Replace(Thanks().Replace(Polite().Replace(spelled, ""), ""), "what is the");
        spelled = Cannot().Replace(spelled, "can not");
        spelled = Negated().Replace(spelled, match => match.Value.ToLowerInvariant() switch { "can't" => "can not", "won't" => "will not", "shan't" => "shall not", var other => other[..^3] + " not" });
        spelled = Contracted().Replace(spelled, "$1 is");
        return HowTo().Replace(spelled, "how to");
    }

    // A point, a question or an exclamation mark that ends a sentence. Not those of 5!, int? or a..b.
    private static bool IsEnd(string text, int index)
    {
        if (text[index] is not ('.' or '?' or '!') || (text[index] == '!' && IsFactorial(text.AsSpan(0, index).TrimEnd('!'))))
        {
            return false;
        }

        var rest = text.AsSpan(index).TrimStart(".?!");
        return rest.IsWhiteSpace() || (char.IsWhiteSpace(rest[0]) && !char.IsLower(rest.TrimStart()[0]));
    }

    private static bool IsFactorial(ReadOnlySpan<char> before) =>
        before is [.., ')'] || (before is [.., var last] && (char.IsDigit(last) || (char.IsLetter(last) && (before.Length == 1 || !char.IsLetter(before[^2])))));

    // A comma or a colon after a word. Between numbers, or with no space behind, it is part of what is written.
    private static bool IsPause(string text, int index) =>
        text[index] is ',' or ';' or ':'
        && index > 0
        && char.IsLetter(text[index - 1])
        && (index + 1 == text.Length || char.IsWhiteSpace(text[index + 1]));

    // A quotation as a whole, a number with its sign and separators, a word with the signs that names have inside (C#, C++, node.js, x_1), or a sign alone.
    [GeneratedRegex("""
        "[^"\n]*"|(?<![\w.)\]])[-+]?(?:\d+(?:[.,:]\d+)*|\.\d+)|\p{L}[\p{L}\p{M}_']*(?:[.\-/]?[\p{L}\p{N}_]+)*[#+]*|\S
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();

    [GeneratedRegex(@"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")]
    private static partial Regex Thousands();

    // A greeting ends with a sign, or goes on in lower case: "Hey Jude" is a name.
    [GeneratedRegex(@"^\s*(?:(?:hi|hello|hey)\b(?:\s*[,!.]+|(?=\s+(?-i:\p{Ll})))\s*)?(?:please[\s,]+)?(?:(?:can|could|would|will) you (?:please |kindly )?(?=(?:tell|let|explain|describe|show|give|list|define|summari[sz]e|translate)\b))?(?:(?:i (?:want|need|would like)|i'd like) to know[\s,:]*|(?=(?:please )?(?:tell me|let me know|explain to me) the\b)|(?:please )?(?:tell me|let me know|explain to me)[\s,:]*|do you know[\s,:]*)?(?:please[\s,]+)?", RegexOptions.IgnoreCase)]
    private static partial Regex Polite();

    // Set off by a comma or a sentence of its own: "how do you say thank you" asks for the words.
    [GeneratedRegex(@"(?:\s*,\s*|(?<=[.!?])\s+)(?:please|thanks|thank you)(?=[\s.!?]*$)", RegexOptions.IgnoreCase)]
    private static partial Regex Thanks();

    [GeneratedRegex(@"^(?:please )?(?:tell me|let me know|explain to me) the\b", RegexOptions.IgnoreCase)]
    private static partial Regex Told();

    [GeneratedRegex(@"\bcannot\b", RegexOptions.IgnoreCase)]
    private static partial Regex Cannot();

    [GeneratedRegex(@"\b\w+n't\b", RegexOptions.IgnoreCase)]
    private static partial Regex Negated();

    [GeneratedRegex(@"\b(what|who|where|when|how|why|that|it|there)'s\b", RegexOptions.IgnoreCase)]
    private static partial Regex Contracted();

    // Not "you": how you do it and how I do it are two questions.
    [GeneratedRegex(@"\bhow (?:do|can|could|would) (?:i|we|one)\b", RegexOptions.IgnoreCase)]
    private static partial Regex HowTo();
}
