using Microsoft.Extensions.AI;

namespace AgentHosting.Agents.Internal;

/// <summary>One call of <c>AddTool</c>: a tool that agents from configuration ask for by name.</summary>
internal sealed class ToolRegistration
{
    public required string Name { get; init; }

    public required Func<IServiceProvider, AIFunction> Create { get; init; }
}
