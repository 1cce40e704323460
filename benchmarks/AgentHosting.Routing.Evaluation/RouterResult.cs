namespace AgentHosting.Routing.Evaluation;

/// <summary>How well a router ranks.</summary>
public sealed class RouterResult
{
    /// <summary>The router.</summary>
    public required string Router { get; init; }

    /// <summary>How well it ranks.</summary>
    public required Apgr Apgr { get; init; }

    /// <summary>Whether its weights were fitted to the samples that they ranked.</summary>
    public bool InSample { get; init; }
}
