namespace AgentHosting.Runs;

/// <summary>A page of a list of runs, newest first.</summary>
public sealed class RunPage
{
    /// <summary>The runs.</summary>
    public required IReadOnlyList<AgentRun> Runs { get; init; }

    /// <summary>Where the next page begins; <see langword="null"/> when there is none.</summary>
    public string? Next { get; init; }
}
