using System.Text.RegularExpressions;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// What two questions must have in common, word for word, before their embeddings may say that they are the same. Embeddings give 0.95 and more to questions
/// that differ in a number, a name, a unit, a negation or in who does what to whom; so everything that can carry such a difference must be equal and in
/// the same order. Left to the embedding are articles, politeness, punctuation, a few ways of asking, and a short list of synonyms.
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
        foreach (Match match in Token().Matches(Spelled(text)))
        {
            var token = match.Value;
            if (token is "." or "!" or "?" or "\n")
            {
                startsSentence = true;
                continue;
            }

            var isQuote = token.Length > 1 && token[0] == '"';
            var lower = isQuote ? token : token.ToLowerInvariant();
            var word = isQuote || !char.IsAsciiDigit(lower[^1]) ? lower : lower.Replace(",", "", StringComparison.Ordinal);
            if (!QuestionWords.Ignored.Contains(word))
            {
                words.Add(QuestionWords.Synonyms.GetValueOrDefault(word, word));
                casing.Add(startsSentence ? Casing.Unknown : char.IsUpper(token[0]) ? Casing.Capital : Casing.Lower);
            }

            startsSentence = false;
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

    // Contractions and the ways to open a question, brought to one form. A negation stays a word of its own.
    private static string Spelled(string text)
    {
        var spelled = text.Replace('\u2019', '\'').Replace('\u201C', '"').Replace('\u201D', '"');
        spelled = Polite().Replace(spelled, "");
        spelled = Cannot().Replace(spelled, "can not");
        spelled = Negated().Replace(spelled, match => match.Value.ToLowerInvariant() switch { "can't" => "can not", "won't" => "will not", "shan't" => "shall not", var other => other[..^3] + " not" });
        spelled = Contracted().Replace(spelled, "$1 is");
        return HowTo().Replace(spelled, "how to");
    }

    // A quotation as a whole, a number with its sign and separators, a word with the signs that names have inside (C#, C++, node.js, x_1), or a sign alone.
    [GeneratedRegex("""
        "[^"\n]*"|(?<![\w.])[-+]?\d+(?:[.,:]\d+)*|\p{L}[\p{L}\p{M}_']*(?:[.\-/]?[\p{L}\p{N}_]+)*[#+]*|[^\s,;:()'"]
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();

    [GeneratedRegex(@"^\s*(?:(?:hi|hello|hey)\b[\s,!.]*)?(?:please[\s,]+)?(?:(?:can|could|would|will) you (?:please |kindly )?)?(?:(?:i (?:want|need|would like)|i'd like) to know[\s,:]*|(?:please )?(?:tell me|let me know|explain to me)[\s,:]*|do you know[\s,:]*)?(?:please[\s,]+)?", RegexOptions.IgnoreCase)]
    private static partial Regex Polite();

    [GeneratedRegex(@"\bcannot\b", RegexOptions.IgnoreCase)]
    private static partial Regex Cannot();

    [GeneratedRegex(@"\b\w+n't\b", RegexOptions.IgnoreCase)]
    private static partial Regex Negated();

    [GeneratedRegex(@"\b(what|who|where|when|how|why|that|it|there)'s\b", RegexOptions.IgnoreCase)]
    private static partial Regex Contracted();

    [GeneratedRegex(@"\bhow (?:do|can|could|would) (?:i|we|you|one)\b", RegexOptions.IgnoreCase)]
    private static partial Regex HowTo();
}
