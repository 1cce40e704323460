namespace AgentHosting.ToolValidation.Internal;

/// <summary>More was written to a <see cref="BoundedBuffer"/> than it takes.</summary>
internal sealed class BufferLimitException() : Exception("More than the buffer takes.");
