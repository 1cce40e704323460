using System.Text.Json;

namespace AgentHosting.ToolValidation;

/// <summary>A tool call whose arguments are valid, as a policy sees it.</summary>
public sealed class ToolPolicyContext
{
    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>The name that the tool gave itself, where it was renamed because another tool of the agent has the same; else <see langword="null"/>.</summary>
    public string? OriginalTool { get; init; }

    /// <summary>What the call can do at worst.</summary>
    public required ToolRisk Risk { get; init; }

    /// <summary>Whether the risk was declared; else it is <see cref="ToolValidationOptions.UnclassifiedRisk"/>.</summary>
    public bool IsClassified { get; init; }

    /// <summary>The arguments: a JSON object.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>The agent's name, if it is known.</summary>
    public string? Agent { get; init; }

    /// <summary>The call in which the tool was asked for: its tenant, user, session and run, if they are known.</summary>
    public AgentCallContext? Call { get; init; }

    /// <summary>Who submitted the run, with the claims that travel with it; <see langword="null"/> outside runs.</summary>
    public AgentIdentity? Identity { get; init; }
}
