using Microsoft.Extensions.AI;

namespace AgentHosting.Agents;

/// <summary>An agent of this host: a name, instructions, tools and a pipeline. It has no state of its own.</summary>
public sealed class AgentDefinition
{
    /// <summary>The name under which requests ask for it.</summary>
    public required string Name { get; init; }

    /// <summary>The settings. Not to be changed.</summary>
    public required AgentOptions Options { get; init; }

    /// <summary>What the agent is told before the conversation.</summary>
    public string? Instructions { get; init; }

    /// <summary>The name of the model that calls go to unless a router decides otherwise.</summary>
    public required string Model { get; init; }

    /// <summary>The tools.</summary>
    public required IReadOnlyList<AIFunction> Tools { get; init; }

    /// <summary>Where more tools come from, asked in each attempt of a run.</summary>
    public IReadOnlyList<IAgentToolSource> ToolSources { get; init; } = [];

    /// <summary>What runs instead of the tool loop.</summary>
    internal Delegate? Code { get; init; }

    /// <summary>The pipeline below the tool loop, down to the model catalog.</summary>
    public required IChatClient ChatClient { get; init; }
}
