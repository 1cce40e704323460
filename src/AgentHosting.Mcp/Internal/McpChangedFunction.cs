using Microsoft.Extensions.AI;

namespace AgentHosting.Mcp.Internal;

/// <summary>Stands for a tool that has changed and was not accepted. What the server now says of the tool does not reach the model.</summary>
internal sealed class McpChangedFunction(string name) : AIFunction
{
    public override string Name => name;

    public override string Description => "Not available: it has changed on its server, and the operator has not accepted the change yet.";

    public static string Refusal(string name) =>
        $"Error: the tool '{name}' has changed on its server, and the operator has not accepted the change yet. It was not called. Go on without it.";

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ValueTask.FromResult<object?>(Refusal(name));
}
