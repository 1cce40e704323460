namespace AgentHosting.ToolValidation.Internal;

/// <summary>What a validated call came to: the tool's result, or a text for the model with the code of what stood in the way.</summary>
internal readonly record struct ToolOutcome(object? Value, string? ErrorCode = null)
{
    public static ToolOutcome Error(string code, string message) => new($"Error: {message}", code);
}
