using AgentHosting.Agents;
using AgentHosting.Runs;

namespace AgentHosting;

/// <summary>Makes an agent of code.</summary>
public static class AgentRunsCodeExtensions
{
    /// <summary>
    /// Runs code instead of the tool loop. After a failure, a shutdown or a wait the code is called again from its beginning, on any worker: what it does through
    /// <see cref="AgentRunContext"/> (steps, model calls, waits) is read from the journal then, so that it must do it in the same order; all else is done again.
    /// </summary>
    /// <param name="agent">The agent. Instructions and tools are for the tool loop; an agent that has both is refused when the host starts.</param>
    /// <param name="code">The code. What it returns is the answer. Its token ends with the attempt. Exceptions of the context must pass.</param>
    /// <returns>The builder.</returns>
    public static AgentBuilder RunsCode(this AgentBuilder agent, Func<AgentRunContext, CancellationToken, Task<string>> code)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(code);
        return agent.WithCode(code);
    }
}
