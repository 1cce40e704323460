using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Collects what a host needs: models, agents, stores. Returned by <c>services.AddAgentHosting()</c>.</summary>
public interface IAgentHostingBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }
}
