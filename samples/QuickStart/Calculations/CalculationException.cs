namespace QuickStart.Calculations;

/// <summary>An expression that has no value. The message says where and why, for the model to read.</summary>
internal sealed class CalculationException(string message) : Exception(message);
