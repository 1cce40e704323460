namespace AgentHosting.Agents;

/// <summary>The agents of this host.</summary>
public interface IAgentRegistry
{
    /// <summary>The names, in the order in which they were added; those from configuration alone come last.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The agent of requests that name none: the configured <c>AgentHosting:DefaultAgent</c>, else the first.</summary>
    /// <exception cref="InvalidOperationException">The host has no agent.</exception>
    string DefaultAgent { get; }

    /// <summary>Finds an agent.</summary>
    /// <param name="name">The agent's name; names are compared ordinally, case included.</param>
    /// <returns>The definition, or <see langword="null"/>.</returns>
    AgentDefinition? Find(string name);
}
