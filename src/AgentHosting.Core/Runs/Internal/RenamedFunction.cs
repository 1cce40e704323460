using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>A tool under another name.</summary>
internal sealed class RenamedFunction(AIFunction innerFunction, string name) : DelegatingAIFunction(innerFunction)
{
    private readonly ToolOrigin _origin = new(innerFunction.Name);

    public override string Name => name;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ToolOrigin) && serviceKey is null ? _origin : base.GetService(serviceType, serviceKey);
}
