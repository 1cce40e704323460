using System.Globalization;

namespace QuickStart.Calculations;

/// <summary>
/// Evaluates arithmetic: <c>+ - * / % ^</c>, parentheses, signs, decimals, scientific notation. <c>^</c> groups from the right and binds tighter than a
/// sign before it: <c>-2^2</c> is -4. <c>%</c> is the remainder.
/// </summary>
internal ref struct Calculator
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 500;

    /// <summary>How deep parentheses, signs and powers may nest.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<char> _text;
    private int _position;
    private int _depth;

    private Calculator(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Evaluates an expression.</summary>
    /// <exception cref="CalculationException">It is no expression, or has no value.</exception>
    public static string Evaluate(string expression)
    {
        if (expression.Length > MaxLength)
        {
            throw new CalculationException($"The expression has {expression.Length} characters; at most {MaxLength} are allowed. Calculate it in parts.");
        }

        var calculator = new Calculator(expression);
        if (calculator.AtEnd())
        {
            throw new CalculationException("The expression is empty. Give one such as 2 * (3 + 4).");
        }

        var value = calculator.Sum();
        return calculator.AtEnd() ? value.ToString() : throw calculator.Unexpected("an operator or the end");
    }

    private Number Sum()
    {
        var value = Product();
        while (true)
        {
            switch (Peek())
            {
                case '+':
                    _position++;
                    value += Product();
                    break;
                case '-' or '−':
                    _position++;
                    value -= Product();
                    break;
                default:
                    return value;
            }
        }
    }

    private Number Product()
    {
        var value = Signed();
        while (true)
        {
            switch (Peek())
            {
                case '*' or '×' or '·':
                    _position++;
                    value *= Signed();
                    break;
                case '/' or '÷':
                    _position++;
                    value /= Signed();
                    break;
                case '%':
                    _position++;
                    value %= Signed();
                    break;
                default:
                    return value;
            }
        }
    }

    private Number Signed()
    {
        Enter();
        Number value;
        switch (Peek())
        {
            case '-' or '−':
                _position++;
                value = -Signed();
                break;
            case '+':
                _position++;
                value = Signed();
                break;
            default:
                value = Power();
                break;
        }

        _depth--;
        return value;
    }

    private Number Power()
    {
        var value = Operand();
        if (Peek() != '^')
        {
            return value;
        }

        _position++;
        return Number.Power(value, Signed());
    }

    private Number Operand()
    {
        var next = Peek();
        if (char.IsAsciiDigit(next) || next == '.')
        {
            return Literal();
        }

        if (next != '(')
        {
            throw Unexpected("a number or '('");
        }

        _position++;
        var value = Sum();
        if (Peek() != ')')
        {
            throw Unexpected("')'");
        }

        _position++;
        return value;
    }

    private Number Literal()
    {
        var start = _position;
        var digits = Digits();
        if (_position < _text.Length && _text[_position] == '.')
        {
            _position++;
            digits += Digits();
        }

        if (digits == 0)
        {
            _position = start;
            throw Unexpected("a number");
        }

        var mantissaEnd = _position;
        if (_position < _text.Length && _text[_position] is 'e' or 'E')
        {
            _position++;
            _position += _position < _text.Length && _text[_position] is '+' or '-' ? 1 : 0;
            if (Digits() == 0)
            {
                _position = mantissaEnd;
            }
        }

        return Number.Parse(_text[start.._position].ToString());
    }

    private int Digits()
    {
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
        {
            _position++;
        }

        return _position - start;
    }

    private char Peek()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }

        return _position < _text.Length ? _text[_position] : '\0';
    }

    private bool AtEnd()
    {
        Peek();
        return _position == _text.Length;
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new CalculationException(
                string.Create(CultureInfo.InvariantCulture, $"The expression nests deeper than {MaxDepth} levels at position {_position + 1}. Calculate it in parts."));
        }
    }

    private CalculationException Unexpected(string expected)
    {
        var found = AtEnd() ? "the expression ends" : $"'{Peek()}' was found";
        return new CalculationException(string.Create(CultureInfo.InvariantCulture, $"Expected {expected} at position {_position + 1}, but {found}."));
    }
}
