namespace QuickStart.Models;

/// <summary>A sum found in a text.</summary>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="End">Where it ends in the text, exclusive.</param>
/// <param name="Expression">The sum as the calculator reads it.</param>
internal sealed record ArithmeticSpan(int Start, int End, string Expression);
