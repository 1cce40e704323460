using System.Text.RegularExpressions;

namespace QuickStart.Models;

/// <summary>Finds the sum in a message: "17*231+5", "3 times 49.90", "15% of 240". Dates, codes and ranges such as NV-104 or 24/7 are no sums.</summary>
internal static partial class ArithmeticInText
{
    private enum Kind
    {
        Other,
        Number,
        Operator,
        Open,
        Close,
        Suffix,
    }

    public static ArithmeticSpan? Find(string text)
    {
        var tokens = Tokens().Matches(text).Select(ToToken).ToArray();
        for (var first = 0; first < tokens.Length; first++)
        {
            var last = first;
            while (last < tokens.Length && tokens[last].Kind != Kind.Other)
            {
                last++;
            }

            if (Trim(tokens.AsSpan(first..last)) is { Length: > 0 } run && IsSum(run, text))
            {
                return new ArithmeticSpan(run[0].Start, run[^1].End, string.Join(' ', run.ToArray().Select(static token => token.Expression)));
            }

            first = last;
        }

        return null;
    }

    private static Token ToToken(Match match)
    {
        var value = match.Value;
        var (kind, expression) = match switch
        {
            _ when match.Groups["number"].Success => (Kind.Number, value.Replace(",", "", StringComparison.Ordinal)),
            _ when match.Groups["percent"].Success => (Kind.Operator, "/ 100 *"),
            _ when match.Groups["squared"].Success => (Kind.Suffix, "^ 2"),
            _ when match.Groups["cubed"].Success => (Kind.Suffix, "^ 3"),
            _ when match.Groups["plus"].Success => (Kind.Operator, "+"),
            _ when match.Groups["minus"].Success => (Kind.Operator, "-"),
            _ when match.Groups["times"].Success => (Kind.Operator, "*"),
            _ when match.Groups["over"].Success => (Kind.Operator, "/"),
            _ when match.Groups["mod"].Success => (Kind.Operator, "%"),
            _ when match.Groups["power"].Success => (Kind.Operator, "^"),
            _ when value == "(" => (Kind.Open, value),
            _ when value == ")" => (Kind.Close, value),
            _ => (Kind.Other, value),
        };
        return new Token(kind, match.Index, match.Index + match.Length, expression);
    }

    /// <summary>Leaves out what belongs to the sentence around the sum: a dash before it, a bracket opened earlier.</summary>
    private static ReadOnlySpan<Token> Trim(ReadOnlySpan<Token> run)
    {
        while (!run.IsEmpty)
        {
            var balance = Balance(run);
            if (run[^1].Kind is Kind.Operator or Kind.Open || (balance < 0 && run[^1].Kind == Kind.Close))
            {
                run = run[..^1];
            }
            else if (run[0].Kind is Kind.Close or Kind.Suffix || (run[0].Kind == Kind.Operator && run[0].Expression != "-") || (balance > 0 && run[0].Kind == Kind.Open))
            {
                run = run[1..];
            }
            else
            {
                break;
            }
        }

        return run;
    }

    private static int Balance(ReadOnlySpan<Token> run)
    {
        var balance = 0;
        foreach (var token in run)
        {
            balance += token.Kind switch { Kind.Open => 1, Kind.Close => -1, _ => 0 };
        }

        return balance;
    }

    private static bool IsSum(ReadOnlySpan<Token> run, string text)
    {
        var operations = 0;
        var ambiguous = true;
        for (var i = 0; i < run.Length; i++)
        {
            operations += run[i].Kind == Kind.Suffix || (run[i].Kind == Kind.Operator && i > 0) ? 1 : 0;
            ambiguous &= run[i].Kind == Kind.Number || run[i].Expression is "-" or "/";
        }

        if (operations == 0)
        {
            return false;
        }

        // "24/7", "8-20", "2026-11-05" are sums only when the message asks for a value or is nothing else.
        var found = text[run[0].Start..run[^1].End];
        return !ambiguous || (!Date().IsMatch(found) && (found.Length >= text.Trim(' ', '?', '=', '.').Length || AsksForValue().IsMatch(text)));
    }

    [GeneratedRegex(
        """
        (?<number>(?:(?<=\dx)|(?<![\p{L}\d_.]|\p{L}-))(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?:(?=x\d)|(?![\p{L}\d_]|\.\d)))
        |(?<percent>(?:%|\bpercent)\s*of\b(?:\s+the\b)?)
        |(?<squared>\bsquared\b)|(?<cubed>\bcubed\b)
        |(?<power>\^|\*\*|\b(?:raised\s+)?to\s+the\s+power\s+of\b)
        |(?<plus>\+|\bplus\b)
        |(?<minus>[-−]|\bminus\b)
        |(?<times>[*×·]|\btimes\b|\bmultiplied\s+by\b|\bx\b|(?<=\d)x(?=\d))
        |(?<over>[/÷]|\bdivided\s+by\b)
        |(?<mod>%|\bmod(?:ulo)?\b)
        |[\p{L}\d_]+|\S
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Tokens();

    [GeneratedRegex(@"^(?:\d{4}([-/])\d{1,2}\1\d{1,2}|\d{1,2}([-/])\d{1,2}\2\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    [GeneratedRegex(@"\b(?:what(?:['’]?s|\s+is)|calculate|compute|evaluate|how\s+much\s+is|work\s+out|solve)\b|=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AsksForValue();

    private readonly record struct Token(Kind Kind, int Start, int End, string Expression);
}
