using System.Globalization;
using AgentHosting.CircuitBreakers;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A tool with what is known about it. Calls of one name and one set of limits share its gate.</summary>
internal sealed class ToolEntry(AIFunction tool, ToolSettings settings, ToolSchema schema, ToolGate gate)
{
    private static long _last;

    /// <summary>Tells tools apart that share a name and a schema. Two wrappers of one tool are two.</summary>
    public string Id { get; } = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);

    /// <summary>The name that the tool had before it was renamed, or <see langword="null"/>.</summary>
    public string? OriginalName { get; } = ToolOrigin.NameOf(tool);

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
