namespace AgentHosting.Runs;

/// <summary>Questions about an <see cref="AgentRunStatus"/>.</summary>
public static class AgentRunStatusExtensions
{
    /// <summary>Whether the run has ended for good.</summary>
    /// <param name="status">The status.</param>
    /// <returns><see langword="true"/> when the status never changes again.</returns>
    public static bool IsTerminal(this AgentRunStatus status) => status >= AgentRunStatus.Succeeded;
}
