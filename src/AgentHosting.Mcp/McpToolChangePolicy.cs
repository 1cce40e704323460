namespace AgentHosting.Mcp;

/// <summary>What happens to a tool whose definition is not the one that was pinned.</summary>
public enum McpToolChangePolicy
{
    /// <summary>It is not called, and its new description is not shown to the model, until an operator accepts it.</summary>
    Refuse = 0,

    /// <summary>It is pinned anew and used; the log says so.</summary>
    Allow = 1,
}
