namespace AgentHosting.ToolValidation.Internal;

/// <summary>A check followed more references than any honest schema has for arguments of this size.</summary>
internal sealed class SchemaStepsException() : Exception("The schema leads to too many steps.");
