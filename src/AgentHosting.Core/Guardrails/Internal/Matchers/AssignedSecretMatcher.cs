namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>A value after a name such as password, token or AccountKey and a colon or an equals sign.</summary>
internal static class AssignedSecretMatcher
{
    private const int MaxName = 40;
    private const int MaxValue = 512;
    private const int MinSecret = 16;
    private const int MinPassword = 6;
    private static readonly string[] Passwords = ["password", "passwd", "pwd", "passphrase", "passwort", "contraseña"];

    private static readonly string[] Secrets =
    [
        "secret", "token", "apikey", "accesskey", "accountkey", "privatekey", "secretkey", "signingkey", "encryptionkey", "authkey", "sharedkey", "clientsecret", "credential", "credentials",
        "authorization", "auth", "sharedaccesskey", "sharedaccesssignature", "sig", "subscriptionkey", "instrumentationkey", "key",
    ];

    // The last two letters of the names: few words before a colon end like one.
    private static readonly uint[] Endings = BuildEndings();

    /// <summary>At the colon or the equals sign.</summary>
    public static MatchResult Match(ReadOnlySpan<char> text, int at, bool isFinal, out Finding finding)
    {
        finding = default;
        Span<char> ending = stackalloc char[2];
        ending = ReadName(text, at, ending);
        if (ending.Length < 2 || (Endings[ending[1] & 31] >> (ending[0] & 31) & 1) == 0)
        {
            return MatchResult.None;
        }

        return MatchNamed(text, at, isFinal, out finding);
    }

    private static MatchResult MatchNamed(ReadOnlySpan<char> text, int at, bool isFinal, out Finding finding)
    {
        finding = default;
        Span<char> name = stackalloc char[MaxName];
        name = ReadName(text, at, name);
        var isPassword = EndsWith(name, Passwords);
        if (!isPassword && !EndsWith(name, Secrets))
        {
            return MatchResult.None;
        }

        var (start, spaces) = (at + 1, 0);
        // == and := and => are no values.
        while (start < text.Length && (text[start] is ' ' or '=' or '>') && spaces++ < 4)
        {
            start++;
        }

        var isQuoted = start < text.Length && IsQuote(text[start]);
        start += isQuoted ? 1 : 0;
        foreach (var scheme in (ReadOnlySpan<string>)["Bearer ", "Basic ", "token "])
        {
            var common = text[Math.Min(start, text.Length)..].CommonPrefixLength(scheme);
            if (common == scheme.Length)
            {
                start += common;
            }
            else if (start + common >= text.Length && !isFinal)
            {
                return MatchResult.NeedMore;
            }
        }

        var end = start;
        // A quoted password may hold what ends others: Password="a;b(c".
        var quote = isQuoted && isPassword ? text[start - 1] : '\0';
        while (end < text.Length && end - start < MaxValue && !(quote != '\0' && end > start ? IsEndOfQuoted(text[end], quote) : IsEnd(text[end])))
        {
            end++;
        }

        if (end >= text.Length && !isFinal && end - start < MaxValue)
        {
            return MatchResult.NeedMore;
        }

        if (start >= text.Length || end == start)
        {
            return MatchResult.None;
        }

        var isOpen = end - start >= MaxValue;
        // The dot of a sentence is not the secret's.
        while (!isOpen && !isQuoted && end > start && text[end - 1] is '.' or '?' or '!' or ':')
        {
            end--;
        }

        if (end == start)
        {
            return MatchResult.None;
        }

        var value = text[start..end];
        var isInConnectionString = spaces == 0 && !isQuoted && text[at] == '=' && ((end < text.Length && text[end] == ';') || IsAfterSemicolon(text, at));
        if (!IsSecret(value, isPassword, isInConnectionString, isQuoted))
        {
            return MatchResult.None;
        }

        finding = new Finding(isPassword ? SensitiveDataKinds.Password : SensitiveDataKinds.Secret, start, end, isOpen);
        return MatchResult.Found;
    }

    // By five bits of either letter: one that is none of them costs a second look and changes nothing.
    private static uint[] BuildEndings()
    {
        var endings = new uint[32];
        foreach (var name in Passwords.Concat(Secrets))
        {
            endings[name[^1] & 31] |= 1u << (name[^2] & 31);
        }

        return endings;
    }

    // The name in lower case and without what parts its words.
    private static Span<char> ReadName(ReadOnlySpan<char> text, int at, Span<char> name)
    {
        var i = at - 1;
        var least = Math.Max(0, at - MaxName);
        while (i >= least && text[i] == ' ' && i >= at - 2)
        {
            i--;
        }

        if (i >= least && IsQuote(text[i]))
        {
            i--;
        }

        var first = name.Length;
        for (; i >= least && first > 0 && (TextClasses.IsWord(text[i]) || text[i] is '-' or '.' or ' '); i--)
        {
            if (TextClasses.IsWord(text[i]) && text[i] != '_')
            {
                name[--first] = char.ToLowerInvariant(text[i]);
            }
        }

        return name[first..];
    }

    private static bool EndsWith(ReadOnlySpan<char> name, string[] words)
    {
        foreach (var word in words)
        {
            if (name.EndsWith(word, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSecret(ReadOnlySpan<char> value, bool isPassword, bool isInConnectionString, bool isQuoted)
    {
        if (IsPlaceholder(value))
        {
            return false;
        }

        if (isPassword && isInConnectionString)
        {
            return true;
        }

        var (letters, digits, others) = (0, 0, 0);
        foreach (var one in value)
        {
            letters += char.IsLetter(one) ? 1 : 0;
            digits += char.IsAsciiDigit(one) ? 1 : 0;
            others += char.IsLetterOrDigit(one) || one is '_' or '.' or '-' ? 0 : 1;
        }

        return isPassword
            ? value.Length >= MinPassword && letters > 0 && (digits > 0 || others > 0)
                && (isQuoted || others > 0 || !value.Contains('.'))
            : value.Length >= MinSecret && letters > 0 && digits > 1 && Entropy(value) >= 3.2;
    }

    private static bool IsPlaceholder(ReadOnlySpan<char> value) =>
        value[0] is '$' or '%' or '*' or '•' or '…' || value.Contains("your", StringComparison.OrdinalIgnoreCase) || value.Contains("example", StringComparison.OrdinalIgnoreCase)
            || value.Contains("...", StringComparison.Ordinal) || value.Contains("xxxx", StringComparison.OrdinalIgnoreCase) || value.Contains("://", StringComparison.Ordinal);

    private static double Entropy(ReadOnlySpan<char> value)
    {
        Span<int> counts = stackalloc int[128];
        foreach (var one in value)
        {
            counts[one & 127]++;
        }

        var entropy = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / value.Length;
                entropy -= share * Math.Log2(share);
            }
        }

        return entropy;
    }

    private static bool IsAfterSemicolon(ReadOnlySpan<char> text, int at)
    {
        for (var i = at - 1; i >= Math.Max(0, at - MaxName); i--)
        {
            if (text[i] == ';')
            {
                return true;
            }

            if (!TextClasses.IsWord(text[i]) && text[i] != ' ')
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsQuote(char value) => value is '"' or '\'' or '`' or TextClasses.EscapedQuote;

    private static bool IsEndOfQuoted(char value, char quote) => value == quote || value is ' ' or '\t' or '\r' or '\n' or '\\' or '"' or TextClasses.EscapedQuote;

    private static bool IsEnd(char value) =>
        value is ' ' or '\t' or '\r' or '\n' or ';' or ',' or '(' or ')' or '[' or ']' or '{' or '}' or '<' or '>' or '|' or '\\' || IsQuote(value);
}
