using Microsoft.Extensions.AI;

namespace AgentHosting.Agents;

/// <summary>
/// Tools that are only known while the host runs, such as those of another server. Agents ask for a source by its name; each attempt of a run asks the source
/// for its tools once, before its first model call.
/// </summary>
public interface IAgentToolSource
{
    /// <summary>The name by which agents ask for it. It stands before the names of its tools in an agent that has several sources, and where the agent itself has a tool of the name.</summary>
    string Name { get; }

    /// <summary>
    /// Gets the tools. Called once in each attempt of a run, by many runs at once: keep what was found, and bound the time. A source that cannot be reached
    /// returns what it knew last, so that a run that goes on after a failure finds the tools that it had.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; cancelled when the attempt stops.</param>
    /// <returns>The tools, whose names differ. A tool that is in the journal of a run and not among them is replayed all the same.</returns>
    /// <exception cref="Exception">The run cannot go on without the tools: the attempt fails, and is made again later.</exception>
    ValueTask<IReadOnlyList<AIFunction>> GetToolsAsync(CancellationToken cancellationToken);
}
