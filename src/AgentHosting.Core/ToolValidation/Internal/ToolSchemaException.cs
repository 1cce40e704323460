namespace AgentHosting.ToolValidation.Internal;

/// <summary>A schema turned out to be unusable while it was used.</summary>
internal sealed class ToolSchemaException(Exception inner) : Exception("The schema cannot be used.", inner);
