using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Stands for a tool that an earlier attempt has called and that is gone: its calls are replayed from the journal, new ones are answered for.</summary>
internal sealed class MissingFunction(string name) : AIFunction
{
    public override string Name => name;

    public override string Description => "Not available at present.";

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ValueTask.FromResult<object?>($"Error: the tool '{name}' is not available at present. Go on without it.");
}
