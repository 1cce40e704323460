using System.Globalization;

namespace QuickStart.Calculations;

/// <summary>
/// A number that is decimal, so that 0.1 + 0.2 is 0.3, for as long as decimal can hold it, and binary floating point beyond that.
/// </summary>
internal readonly struct Number
{
    private const int DecimalDigits = 28;

    // What is kept of a decimal that had to be cut: 1 / 3 * 3 is 1 again.
    private const int ShownDigits = 25;

    // A decimal has 28 places: below this it would have fewer good digits than floating point.
    private const decimal SmallestExact = 0.000_000_000_001m;

    private readonly decimal _exact;
    private readonly double? _floating;

    private Number(decimal exact) => _exact = exact;

    private Number(double floating) => _floating = floating;

    private double Floating => _floating ?? (double)_exact;

    private bool IsZero => _floating is null ? _exact == 0 : _floating == 0;

    public static Number Parse(string text)
    {
        var floating = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && (Math.Abs(exact) >= SmallestExact || floating == 0)
            ? new Number(exact)
            : FromFloating(floating);
    }

    public static Number operator +(Number left, Number right) => Combine(left, right, decimal.Add, static (a, b) => a + b);

    public static Number operator -(Number left, Number right) => Combine(left, right, decimal.Subtract, static (a, b) => a - b);

    public static Number operator -(Number value) => value._floating is { } floating ? new Number(-floating) : new Number(-value._exact);

    public static Number operator *(Number left, Number right) =>
        left.IsZero || right.IsZero ? new Number(0m) : Combine(left, right, Checked(decimal.Multiply), static (a, b) => NotZero(a * b));

    public static Number operator /(Number left, Number right)
    {
        if (right.IsZero)
        {
            throw new CalculationException("Division by zero has no result.");
        }

        return left.IsZero ? new Number(0m) : Combine(left, right, Checked(decimal.Divide), static (a, b) => NotZero(a / b));
    }

    /// <summary>The remainder; it has the sign of the left side.</summary>
    public static Number operator %(Number left, Number right) =>
        right.IsZero
            ? throw new CalculationException("A remainder of a division by zero has no result.")
            : Combine(left, right, decimal.Remainder, static (a, b) => a % b);

    public static Number Power(Number value, Number exponent)
    {
        if (value.IsZero && exponent.Floating < 0)
        {
            throw new CalculationException("Zero to a negative power is a division by zero.");
        }

        if (exponent._floating is null && exponent._exact == decimal.Truncate(exponent._exact) && Math.Abs(exponent._exact) <= 1024)
        {
            NotZero(Math.Pow(value.IsZero ? 1 : value.Floating, exponent.Floating));
            var whole = WholePower(value, (int)Math.Abs(exponent._exact));
            return exponent._exact < 0 ? new Number(1m) / whole : whole;
        }

        var result = Math.Pow(value.Floating, exponent.Floating);
        return double.IsNaN(result)
            ? throw new CalculationException("A negative number to a fractional power has no real result.")
            : FromFloating(value.IsZero ? result : NotZero(result));
    }

    public override string ToString()
    {
        if (_floating is { } floating)
        {
            return floating.ToString("G15", CultureInfo.InvariantCulture);
        }

        var wholeDigits = decimal.Truncate(Math.Abs(_exact)).ToString(CultureInfo.InvariantCulture).Length;
        var shown = _exact.Scale + wholeDigits >= DecimalDigits ? Math.Round(_exact, Math.Clamp(ShownDigits - wholeDigits, 0, _exact.Scale)) : _exact;
        return shown.ToString("0.############################", CultureInfo.InvariantCulture);
    }

    private static Number WholePower(Number value, int exponent)
    {
        var result = new Number(1m);
        for (; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 1 ? result * value : result;
            value = exponent > 1 ? value * value : value;
        }

        return result;
    }

    private static Number Combine(Number left, Number right, Func<decimal, decimal, decimal> exact, Func<double, double, double> floating)
    {
        if (left._floating is null && right._floating is null)
        {
            try
            {
                return new Number(exact(left._exact, right._exact));
            }
            catch (OverflowException)
            {
                // Too large or too small for decimal: floating point is next.
            }
        }

        return FromFloating(floating(left.Floating, right.Floating));
    }

    private static Func<decimal, decimal, decimal> Checked(Func<decimal, decimal, decimal> operation) => (left, right) =>
    {
        var result = operation(left, right);
        return Math.Abs(result) >= SmallestExact ? result : throw new OverflowException();
    };

    private static double NotZero(double value) =>
        value != 0 ? value : throw new CalculationException("The result is too small: its magnitude is below 4.9E-324.");

    private static Number FromFloating(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new CalculationException("The result is too large: its magnitude exceeds 1.7E+308.");
        }

        return new Number(value);
    }
}
