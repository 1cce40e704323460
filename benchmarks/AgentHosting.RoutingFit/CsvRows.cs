using System.Text;

namespace AgentHosting.RoutingFit;

/// <summary>Rows of a file with comma-separated values (RFC 4180): a quoted field may hold commas, line breaks and doubled quotes.</summary>
internal static class CsvRows
{
    public static IEnumerable<string[]> Of(string text)
    {
        var fields = new List<string>();
        var position = 0;
        while (position < text.Length)
        {
            fields.Add(text[position] == '"' ? Quoted(text, ref position) : Bare(text, ref position));
            if (position < text.Length && text[position] == ',')
            {
                position++;
                continue;
            }

            yield return [.. fields];
            fields.Clear();
            position += position < text.Length && text[position] == '\r' ? 2 : 1;
        }
    }

    private static string Quoted(string text, ref int position)
    {
        var field = new StringBuilder();
        for (position++; position < text.Length; position++)
        {
            if (text[position] == '"' && (++position == text.Length || text[position] != '"'))
            {
                break;
            }

            field.Append(text[position]);
        }

        return field.ToString();
    }

    private static string Bare(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && text[position] is not (',' or '\n' or '\r'))
        {
            position++;
        }

        return text[start..position];
    }
}
