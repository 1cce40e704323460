using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>One piece of content: exactly one of reasoning, text and call is set.</summary>
internal sealed record TurnChunk
{
    public string? Reasoning { get; init; }

    public string? Text { get; init; }

    public ScriptedToolCall? Call { get; init; }

    public string CallId { get; init; } = "";

    public int CallPosition { get; init; }

    public AIContent ToContent() => this switch
    {
        { Reasoning: { } reasoning } => new TextReasoningContent(reasoning),
        { Call: { } call } => ToolArguments.ToContent(CallId, call),
        _ => new TextContent(Text),
    };
}
