using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace QuickStart.Calculations;

/// <summary>The tool that calculates.</summary>
internal static class CalculatorTool
{
    public const string Name = "calculate";

    public static AIFunction Create() => AIFunctionFactory.Create(Calculate, Name);

    /// <remarks>An error is an answer too: the model reads it and can write a better expression.</remarks>
    [Description("Evaluates an arithmetic expression with + - * / % (remainder) ^ (power) and parentheses.")]
    private static CalculationAnswer Calculate([Description("The expression, for example '3 * (49.90 + 5)'.")] string expression)
    {
        try
        {
            return new CalculationAnswer { Expression = expression, Result = Calculator.Evaluate(expression) };
        }
        catch (CalculationException exception)
        {
            return new CalculationAnswer { Expression = expression, Error = exception.Message };
        }
    }
}
