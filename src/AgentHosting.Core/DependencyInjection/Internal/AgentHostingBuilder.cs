using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.DependencyInjection.Internal;

internal sealed class AgentHostingBuilder(IServiceCollection services) : IAgentHostingBuilder
{
    public IServiceCollection Services { get; } = services;
}
