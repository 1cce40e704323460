using AgentHosting.Agents;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A source whose tools a test changes.</summary>
internal sealed class ListToolSource(string name, params AIFunction[] tools) : IAgentToolSource
{
    public string Name => name;

    public List<AIFunction> Tools { get; } = [.. tools];

    public Exception? Failure { get; init; }

    public int Asked { get; private set; }

    public ValueTask<IReadOnlyList<AIFunction>> GetToolsAsync(CancellationToken cancellationToken)
    {
        Asked++;
        return Failure is null ? ValueTask.FromResult<IReadOnlyList<AIFunction>>([.. Tools]) : throw Failure;
    }
}
