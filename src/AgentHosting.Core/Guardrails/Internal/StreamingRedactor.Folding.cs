namespace AgentHosting.Guardrails.Internal;

/// <summary>
/// Text that is not what it looks like is shown to the matchers as it is read: without invisible characters, with ASCII digits, and with what is escaped in it
/// (JSON in prose, or JSON in a string of JSON). What cannot be told yet waits behind the end of the text, and is no part of it before.
/// </summary>
internal sealed partial class StreamingRedactor
{
    private const int MaxBackslashes = 8;
    private const int LengthBits = 8;
    private bool _isMapped;
    private int _waiting;
    private int _backslashes;
    private int _code;

    private void StartMapping()
    {
        _isMapped = true;
        if (_raw.Length < _text.Length)
        {
            Array.Resize(ref _raw, _text.Length);
        }

        for (var i = 0; i < _length; i++)
        {
            _raw[i] = RawOf(_offset + i, 1, isInString: false);
        }
    }

    private static long RawOf(long start, long length, bool isInString) => (((start << LengthBits) | length) << 1) | (isInString ? 1L : 0L);

    private long StartOf(int index) =>
        !_isMapped ? _offset + index
        : index < _length + _waiting ? _raw[index] >> (LengthBits + 1)
        : _json.IsInEscape ? _escapeStart : Total;

    // What is invisible behind a character is none of it.
    private long EndOf(int index) => !_isMapped ? _offset + index + 1 : (_raw[index] >> (LengthBits + 1)) + ((_raw[index] >> 1) & ((1 << LengthBits) - 1));

    private void Read(char value, long start, long length, bool isInString)
    {
        if (TextFolding.IsInvisible(value))
        {
            return;
        }

        value = TextFolding.Fold(value);
        if (_backslashes > 0)
        {
            if (TryReadEscape(value, start, length, isInString))
            {
                return;
            }

            TakeWaiting();
        }
        else if (_waiting > 0)
        {
            // A dash.
            _text[_length] = char.IsAsciiDigit(value) ? '-' : _text[_length];
            TakeWaiting();
        }

        _text[_length] = value;
        _raw[_length] = RawOf(start, length, isInString);
        if (value == '\\')
        {
            (_waiting, _backslashes, _code) = (1, 1, 0);
        }
        else if (TextFolding.IsDash(value) && _length > 0 && char.IsAsciiDigit(_text[_length - 1]))
        {
            _waiting = 1;
        }
        else
        {
            _length++;
        }
    }

    // Waiting are one backslash, which stands for all in a row, and after it the u and its digits.
    private bool TryReadEscape(char value, long start, long length, bool isInString)
    {
        var first = _raw[_length] >> (LengthBits + 1);
        if (start + length - first >= 1 << LengthBits)
        {
            return false;
        }

        if (_waiting == 1)
        {
            if (value == '\\' && _backslashes < MaxBackslashes)
            {
                _raw[_length] = RawOf(first, start + length - first, isInString);
                _backslashes++;
                return true;
            }

            if (value == '/' || value == (_isJson ? TextClasses.EscapedQuote : '"'))
            {
                return Unescape(value == '/' ? value : TextClasses.EscapedQuote);
            }

            if (value != 'u')
            {
                return false;
            }
        }
        else
        {
            if (!char.IsAsciiHexDigit(value))
            {
                return false;
            }

            _code = (_code << 4) | (char.IsAsciiDigit(value) ? value - '0' : (value | 0x20) - 'a' + 10);
            if (_waiting == 5)
            {
                return Unescape((char)_code);
            }
        }

        _text[_length + _waiting] = value;
        _raw[_length + _waiting++] = RawOf(start, length, isInString);
        return true;

        bool Unescape(char meant)
        {
            (_waiting, _backslashes) = (0, 0);
            if (!TextFolding.IsInvisible(meant))
            {
                _text[_length] = meant == '"' ? TextClasses.EscapedQuote : TextFolding.Fold(meant);
                _raw[_length++] = RawOf(first, start + length - first, isInString);
            }

            return true;
        }
    }

    private void TakeWaiting()
    {
        _length += _waiting;
        (_waiting, _backslashes) = (0, 0);
    }
}
