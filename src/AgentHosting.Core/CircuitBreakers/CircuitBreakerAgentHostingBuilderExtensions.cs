using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentHosting;

/// <summary>Registers what a circuit breaker needs.</summary>
public static class CircuitBreakerAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseCircuitBreaker</c> and an in-memory store, which all pipelines of the host share.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options. Configuration section <c>AgentHosting:CircuitBreaker[:NAME]</c> wins over it.</param>
    /// <param name="optionsName">The name that <c>UseCircuitBreaker</c> asks for.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddCircuitBreaker(
        this IAgentHostingBuilder builder, Action<CircuitBreakerOptions>? configure = null, string? optionsName = null)
    {
        builder.AddStage<CircuitBreakerOptions, CircuitBreakerOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));
        builder.Services.TryAddSingleton<ICircuitBreakerStore, InMemoryCircuitBreakerStore>();
        return builder;
    }
}
