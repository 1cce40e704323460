namespace AgentHosting.Mcp.Internal;

/// <summary>A message could not be given to the server: no tool has seen it.</summary>
internal sealed class McpNotSentException(string message, Exception innerException) : IOException(message, innerException);
