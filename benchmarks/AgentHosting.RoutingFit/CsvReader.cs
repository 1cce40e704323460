using System.Text;

namespace AgentHosting.RoutingFit;

/// <summary>Rows of a file with comma-separated values (RFC 4180): a quoted field may hold commas, line breaks and doubled quotes.</summary>
/// <param name="file">What the file is called in errors.</param>
/// <param name="text">Its text.</param>
internal sealed class CsvReader(string file, string text)
{
    private int _position;
    private int _line = 1;

    /// <summary>Reads all rows; empty lines are none. Each comes with the line it begins on, and has as many fields as the first.</summary>
    /// <exception cref="InvalidDataException">The text is no such file; the message names the line.</exception>
    public IEnumerable<(int Line, string[] Fields)> Rows()
    {
        var width = 0;
        while (_position < text.Length)
        {
            if (EndsLine())
            {
                continue;
            }

            var line = _line;
            var fields = Row();
            width = width == 0 ? fields.Length : width;
            if (fields.Length != width)
            {
                throw Malformed(line, $"has {fields.Length} fields, and the first row {width}. Put a field that holds commas or quotes into quotes");
            }

            yield return (line, fields);
        }
    }

    private string[] Row()
    {
        var fields = new List<string>();
        while (true)
        {
            fields.Add(_position < text.Length && text[_position] == '"' ? Quoted() : Bare());
            if (_position == text.Length || EndsLine())
            {
                return [.. fields];
            }

            if (text[_position] != ',')
            {
                throw Malformed(_line, $"goes on with '{text[_position]}' after a closing quote. Double a quote that is part of a field");
            }

            _position++;
        }
    }

    private string Quoted()
    {
        var field = new StringBuilder();
        var begin = _line;
        for (_position++; _position < text.Length; _position++)
        {
            if (text[_position] == '"' && (++_position == text.Length || text[_position] != '"'))
            {
                return field.ToString();
            }

            // A line ends with one of these, or with both.
            if (text[_position] == '\n' || (text[_position] == '\r' && !IsAt(_position + 1, '\n')))
            {
                _line++;
            }

            field.Append(text[_position]);
        }

        throw Malformed(begin, "begins a quoted field that never ends. Close the quote");
    }

    private string Bare()
    {
        var start = _position;
        while (_position < text.Length && text[_position] is not (',' or '\n' or '\r'))
        {
            if (text[_position] == '"')
            {
                throw Malformed(_line, "has a quote inside a field that does not begin with one. Put the field into quotes, and double the quote");
            }

            _position++;
        }

        return text[start.._position];
    }

    private bool EndsLine()
    {
        if (text[_position] is not ('\n' or '\r'))
        {
            return false;
        }

        _position += text[_position] == '\r' && IsAt(_position + 1, '\n') ? 2 : 1;
        _line++;
        return true;
    }

    private bool IsAt(int position, char character) => position < text.Length && text[position] == character;

    private InvalidDataException Malformed(int line, string what) => new($"{file}, line {line}, {what}.");
}
