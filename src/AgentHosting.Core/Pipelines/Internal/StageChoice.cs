namespace AgentHosting.Pipelines.Internal;

/// <summary>What code said of a stage: nothing, that it has these options, or that it is left out.</summary>
internal readonly struct StageChoice<TOptions>(TOptions? options)
    where TOptions : class
{
    public TOptions? Options { get; } = options;

    /// <summary>Whether anything was said.</summary>
    public bool IsMade { get; } = true;
}
