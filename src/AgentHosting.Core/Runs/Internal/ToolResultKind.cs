namespace AgentHosting.Runs.Internal;

/// <summary>The form of a journaled tool result.</summary>
internal enum ToolResultKind
{
    Null,
    Text,
    Json,
    Content,
    Contents,
    Error,
}
