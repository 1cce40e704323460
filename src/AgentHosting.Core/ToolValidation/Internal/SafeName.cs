using System.Globalization;
using System.Text;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A name that a model or a stranger chose, fit to be shown: short, on one line, and with what is invisible made visible.</summary>
internal static class SafeName
{
    private const int MaxLength = 64;

    public static string Of(string? name)
    {
        if (name is null)
        {
            return "''";
        }

        var text = new StringBuilder("'");
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxLength)))
        {
            if (c is >= ' ' and < '\u007f' and not '\'')
            {
                text.Append(c);
            }
            else if (char.IsLetterOrDigit(c) && c > '\u00bf')
            {
                text.Append(c).Append(CultureInfo.InvariantCulture, $"(U+{(int)c:X4})");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return text.Append(name.Length > MaxLength ? "...'" : "'").ToString();
    }
}
