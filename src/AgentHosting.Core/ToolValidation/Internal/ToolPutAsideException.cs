namespace AgentHosting.ToolValidation.Internal;

/// <summary>Leaves a tool that cannot go on now and is called again later. No failure: it is neither retried nor counted.</summary>
internal abstract class ToolPutAsideException(string message) : Exception(message);
