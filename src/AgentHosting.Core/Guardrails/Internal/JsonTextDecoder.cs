using System.Globalization;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Reads JSON text character by character, so that what is escaped in its strings is seen as what it means.</summary>
internal struct JsonTextDecoder
{
    private const int NoEscape = -1;
    private int _escape;
    private int _code;
    private bool _isStarted;

    /// <summary>Whether the last character read stands in a string.</summary>
    public bool IsInString { get; private set; }

    /// <summary>Whether an escape sequence has begun and not ended.</summary>
    public readonly bool IsInEscape => _isStarted && _escape != NoEscape;

    /// <summary>Reads one character.</summary>
    /// <returns>Whether <paramref name="decoded"/> is one more character of the text.</returns>
    public bool TryDecode(char value, out char decoded)
    {
        if (!_isStarted)
        {
            (_isStarted, _escape) = (true, NoEscape);
        }

        decoded = value;
        if (_escape == NoEscape)
        {
            if (value == '\\' && IsInString)
            {
                (_escape, _code) = (0, 0);
                return false;
            }

            IsInString ^= value == '"';
            return true;
        }

        if (_escape == 0)
        {
            if (value == 'u')
            {
                _escape = 1;
                return false;
            }

            _escape = NoEscape;
            decoded = value switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', '"' => TextClasses.EscapedQuote, _ => value };
            return true;
        }

        // What is no hexadecimal digit is no JSON; it is passed over like one.
        _code = (_code << 4) | (int.TryParse([value], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digit) ? digit : 0);
        if (++_escape <= 4)
        {
            return false;
        }

        _escape = NoEscape;
        decoded = _code == '"' ? TextClasses.EscapedQuote : (char)_code;
        return true;
    }
}
