namespace AgentHosting.Agents.Internal;

/// <summary>One call of <c>AddToolSource</c>.</summary>
internal sealed class ToolSourceRegistration
{
    public required string Name { get; init; }

    public required Func<IServiceProvider, IAgentToolSource> Create { get; init; }
}
