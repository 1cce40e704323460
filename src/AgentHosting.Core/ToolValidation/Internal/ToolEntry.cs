using AgentHosting.CircuitBreakers;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A tool with what is known about it. Calls of one name share its gate.</summary>
internal sealed class ToolEntry(AIFunction tool, ToolSettings settings, ToolSchema schema, ToolGate gate)
{
    public AIFunction Tool => tool;

    public string Name => tool.Name;

    public ToolSettings Settings => settings;

    public ToolSchema Schema => schema;

    public ToolGate Gate => gate;

    public string CircuitKey { get; } = $"tool:{tool.Name}";

    /// <summary>Whether the tool itself asks for approval, in the way of Microsoft.Extensions.AI.</summary>
    public bool RequiresApproval { get; } = tool.GetService<ApprovalRequiredAIFunction>() is not null;

    public CircuitSettings? Circuit { get; init; }
}
