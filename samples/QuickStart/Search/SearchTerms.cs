using System.Text;

namespace QuickStart.Search;

/// <summary>
/// Turns text into the terms that are compared: lower case, no stop words, light stemming. A word is a run of letters or a run of digits,
/// so that "NV104", "NV-104" and "nv 104" are the same.
/// </summary>
internal static class SearchTerms
{
    private static readonly HashSet<string> StopWords = new(
        ("a about after all also am an and any are as at be been but by can could did do does doing each for from get got had has have having he her here him his how i if in into is it "
        + "its just let like long many may me might more most much must my need no nor not now of off on one or our out over please she should so some such tell than thank thanks that "
        + "the their them then there these they this those to too under up us very want was way we were what whats when where which while who whom whose why will with would yes you "
        + "your yours s t re ve ll d m im").Split(' '),
        StringComparer.Ordinal);

    /// <summary>The terms of a text in order, repeats included.</summary>
    public static IReadOnlyList<string> Of(string text) => [.. Words(text).Where(static word => !StopWords.Contains(word)).Select(Stem)];

    /// <summary>The words of a text in order, neither filtered nor stemmed.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var character in text)
        {
            var continues = char.IsLetterOrDigit(character) && (word.Length == 0 || char.IsDigit(word[^1]) == char.IsDigit(character));
            if (!continues && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (char.IsLetterOrDigit(character))
            {
                word.Append(char.ToLowerInvariant(character));
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    /// <summary>Removes plural, -ing, -ed and a final e: "policies" and "policy", "shipped" and "shipping", "charge" and "charged" become one.</summary>
    public static string Stem(string word)
    {
        if (word.Length < 4 || char.IsDigit(word[0]))
        {
            return word;
        }

        var stem = WithoutPlural(word);
        if (stem.Length > 5 && stem.EndsWith("ing", StringComparison.Ordinal))
        {
            stem = Undouble(stem[..^3]);
        }
        else if (stem.Length > 4 && stem.EndsWith("ed", StringComparison.Ordinal) && !stem.EndsWith("eed", StringComparison.Ordinal))
        {
            stem = Undouble(stem[..^2]);
        }

        return stem.Length > 3 && stem.EndsWith('e') ? stem[..^1] : stem;
    }

    private static string WithoutPlural(string word)
    {
        if (word.EndsWith("ies", StringComparison.Ordinal) && word.Length > 4)
        {
            return word[..^3] + "y";
        }

        if (EndsWithAny(word, "sses", "shes", "ches", "xes", "zzes"))
        {
            return word[..^2];
        }

        return word.EndsWith('s') && !EndsWithAny(word, "ss", "us", "is") ? word[..^1] : word;
    }

    private static string Undouble(string stem) =>
        stem.Length > 3 && stem[^1] == stem[^2] && !"aeioulsz".Contains(stem[^1], StringComparison.Ordinal) ? stem[..^1] : stem;

    private static bool EndsWithAny(string word, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (word.EndsWith(ending, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
