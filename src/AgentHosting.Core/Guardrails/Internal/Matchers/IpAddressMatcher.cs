using System.Net;
using System.Net.Sockets;

namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>IP addresses but loopback and unspecified ones, which say nothing of anybody.</summary>
internal static class IpAddressMatcher
{
    private const int MaxV6 = 45;

    public static MatchResult MatchV4(in NumberGroups groups, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (groups.Count < 4 || !groups.AreParted(3, "."))
        {
            return MatchResult.None;
        }

        Span<int> octets = stackalloc int[4];
        for (var group = 0; group < 4; group++)
        {
            if (groups.Length(group) > 3 || (groups.Length(group) > 1 && groups.Text[groups.Start(group)] == '0'))
            {
                return MatchResult.None;
            }

            octets[group] = int.Parse(
                groups.Text[groups.Start(group)..groups.End(group)], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        }

        var text = groups.Text;
        var end = groups.End(3);
        var isLonger = (groups.Count > 4 && groups.Separator(3) == '.') || (at > floor && text[at - 1] is '.' or '-');
        var isAddress = octets[0] is > 0 and < 256 and not 127 && octets[1] < 256 && octets[2] < 256 && octets[3] < 256 && octets[0] != 255;
        if (!isAddress || isLonger || IsVersion(text, at))
        {
            return MatchResult.None;
        }

        if (end == text.Length && !isFinal)
        {
            return MatchResult.NeedMore;
        }

        if (end < text.Length && (TextClasses.IsWord(text[end]) || text[end] == '@'))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.IpAddress, at, end);
        return MatchResult.Found;
    }

    /// <summary>At a colon: the first group goes before it.</summary>
    public static MatchResult MatchV6(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        var start = at;
        while (start > floor && start > at - 4 && char.IsAsciiHexDigit(text[start - 1]))
        {
            start--;
        }

        // ::1 and its like begin with the colon, and are of no interest.
        if (start == at || (start > floor && (TextClasses.IsLocal(text[start - 1]) || text[start - 1] == ':')))
        {
            return MatchResult.None;
        }

        var (end, colons, groups, digits, isDouble) = (at, 0, 1, false, false);
        var i = at;
        for (; ; i++)
        {
            if (i == text.Length && i < start + MaxV6)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                break;
            }

            if (i >= start + MaxV6)
            {
                break;
            }

            var value = text[i];
            if (value == ':')
            {
                isDouble |= text[i - 1] == ':';
                colons++;
            }
            else if (char.IsAsciiHexDigit(value))
            {
                groups += text[i - 1] == ':' ? 1 : 0;
                end = i + 1;
            }
            else if (value == '.' && char.IsAsciiDigit(text[i - 1]))
            {
            }
            else
            {
                break;
            }
        }

        if (colons < 2 || (i < text.Length && TextClasses.IsWord(text[i])))
        {
            return MatchResult.None;
        }

        end = text[i - 1] == ':' && i >= 2 && text[i - 2] == ':' ? i : end;
        digits = text[start..end].IndexOfAnyInRange('0', '9') >= 0;
        var isAddress = digits && (groups == 8 || (isDouble && (groups >= 3 || at - start == 4)) || (groups == 7 && text[start..end].Contains('.')))
            && IPAddress.TryParse(text[start..end], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        if (!isAddress)
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.IpAddress, start, end);
        return MatchResult.Found;
    }

    private static bool IsVersion(ReadOnlySpan<char> text, int at) =>
        ContextWords.Has(text[Math.Max(0, at - 12)..at], "version", "build ", "release");
}
