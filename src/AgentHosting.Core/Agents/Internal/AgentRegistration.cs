using Microsoft.Extensions.AI;

namespace AgentHosting.Agents.Internal;

/// <summary>One call of <c>AddAgent</c>.</summary>
internal sealed class AgentRegistration
{
    public required string Name { get; init; }

    public List<Func<IServiceProvider, AIFunction>> Tools { get; } = [];

    public List<string> ToolSources { get; } = [];

    /// <summary>What runs instead of the tool loop.</summary>
    public Delegate? Code { get; set; }

    public Action<ChatClientBuilder>? ConfigurePipeline { get; set; }
}
