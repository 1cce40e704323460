using System.Globalization;
using QuickStart.Calculations;
using Xunit;

namespace AgentHosting.QuickStart.Tests;

public class CalculatorTests
{
    [Theory]
    [InlineData("17*231+5", "3932")]
    [InlineData("2 + 3 * 4", "14")]
    [InlineData("(2 + 3) * 4", "20")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("100 / 10 / 2", "5")]
    [InlineData("7 % 3", "1")]
    [InlineData("-7 % 3", "-1")]
    [InlineData("2 ^ 3 ^ 2", "512")]
    [InlineData("-2 ^ 2", "-4")]
    [InlineData("(-2) ^ 2", "4")]
    [InlineData("2 ^ -1", "0.5")]
    [InlineData("--3", "3")]
    [InlineData("2 - -3", "5")]
    [InlineData("+4", "4")]
    [InlineData(".5 + 5.", "5.5")]
    [InlineData("1.5e3 + 2E-1", "1500.2")]
    [InlineData("0 ^ 0", "1")]
    [InlineData("6 × 7 ÷ 2 − 1", "20")]
    public void Evaluate_Expression_GivesItsValue(string expression, string expected) =>
        Assert.Equal(expected, Calculator.Evaluate(expression));

    [Theory]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1.10 * 3", "3.3")]
    [InlineData("1 / 3 * 3", "1")]
    [InlineData("1.1 ^ 2", "1.21")]
    [InlineData("12345678901234567890 + 1", "12345678901234567891")]
    [InlineData("99999999999999 * 99999999999999", "9999999999999800000000000001")]
    public void Evaluate_ValueThatDecimalHolds_IsExact(string expression, string expected) =>
        Assert.Equal(expected, Calculator.Evaluate(expression));

    [Theory]
    [InlineData("2 ^ 200", "1.60693804425899E+60")]
    [InlineData("2 ^ 0.5", "1.4142135623731")]
    [InlineData("1e-30 * 2", "2E-30")]
    [InlineData("1e300 / 1e299", "10")]
    public void Evaluate_ValueBeyondDecimal_IsFloating(string expression, string expected) =>
        Assert.Equal(expected, Calculator.Evaluate(expression));


    [Theory]
    [InlineData("1 / 0", "Division by zero")]
    [InlineData("1 / (2 - 2)", "Division by zero")]
    [InlineData("1 % 0", "division by zero")]
    [InlineData("0 ^ -1", "division by zero")]
    [InlineData("1e308 * 10", "too large")]
    [InlineData("10 ^ 400", "too large")]
    [InlineData("10 ^ -400", "too small")]
    [InlineData("(-8) ^ 0.5", "no real result")]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData("2 +", "position 4, but the expression ends")]
    [InlineData("2 + * 3", "position 5, but '*' was found")]
    [InlineData("(1 + 2", "Expected ')' at position 7")]
    [InlineData("1 + 2)", "position 6, but ')' was found")]
    [InlineData("2 3", "position 3, but '3' was found")]
    [InlineData("1,000 + 1", "position 2, but ',' was found")]
    [InlineData("1\0", "position 2")]
    [InlineData(".", "a number at position 1")]
    [InlineData("2e", "position 2, but 'e' was found")]
    [InlineData("abc", "position 1, but 'a' was found")]
    public void Evaluate_NoValue_SaysWhy(string expression, string expected) =>
        Assert.Contains(expected, Assert.Throws<CalculationException>(() => Calculator.Evaluate(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData('(')]
    [InlineData('-')]
    public void Evaluate_NestedTooDeep_IsRefused(char character)
    {
        var deepest = new string(character, Calculator.MaxDepth - 1) + "1" + (character == '(' ? new string(')', Calculator.MaxDepth - 1) : "");

        Assert.Equal(character == '(' ? "1" : "-1", Calculator.Evaluate(deepest));
        var error = Assert.Throws<CalculationException>(() => Calculator.Evaluate(new string(character, Calculator.MaxDepth + 1) + "1"));
        Assert.Contains("nests deeper than 64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_TooLong_IsRefused()
    {
        Assert.Equal("250", Calculator.Evaluate(string.Join('+', Enumerable.Repeat("1", 250))));
        var error = Assert.Throws<CalculationException>(() => Calculator.Evaluate(new string('1', Calculator.MaxLength + 1)));
        Assert.Contains("501 characters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_RandomWholeNumbers_AgreesWithDecimal()
    {
        const int seed = 20_260;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var (a, b, c) = (random.Next(-999, 999), random.Next(1, 999), random.Next(-999, 999));
            var expected = (decimal)a + ((decimal)b * c) - (a % b);
            Assert.True(
                Calculator.Evaluate($"{a} + {b} * {c} - {a} % {b}") == expected.ToString(CultureInfo.InvariantCulture),
                $"seed {seed}: {a} + {b} * {c} - {a} % {b}");
        }
    }
}
