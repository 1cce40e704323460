using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>A tool under another name.</summary>
internal sealed class RenamedFunction(AIFunction innerFunction, string name) : DelegatingAIFunction(innerFunction)
{
    public override string Name => name;
}
