namespace AgentHosting.ToolValidation.Internal;

internal readonly record struct CachedToolResult(string Key, object? Value, long Bytes, long Since, TimeSpan For);
