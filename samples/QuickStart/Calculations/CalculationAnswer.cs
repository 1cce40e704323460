namespace QuickStart.Calculations;

/// <summary>What <c>calculate</c> returns: a result or an error.</summary>
internal sealed class CalculationAnswer
{
    /// <summary>The expression as it was given.</summary>
    public required string Expression { get; init; }

    /// <summary>The value, as text so that no digit is lost on the way.</summary>
    public string? Result { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Error { get; init; }
}
