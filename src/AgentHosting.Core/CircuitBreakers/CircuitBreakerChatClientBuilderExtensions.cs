using System.Diagnostics.Metrics;
using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds a circuit breaker to a pipeline.</summary>
public static class CircuitBreakerChatClientBuilderExtensions
{
    /// <summary>Refuses calls to a model that fails, with the options given. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read now.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public static ChatClientBuilder UseCircuitBreaker(this ChatClientBuilder builder, CircuitBreakerOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = StageRegistration.Validated<CircuitBreakerOptions, CircuitBreakerOptionsValidator>(options);
        return builder.Use((inner, services) => Create(inner, settings, services));
    }

    /// <summary>Refuses calls to a model that fails, with options from the services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name given to <c>AddCircuitBreaker</c>.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="InvalidOperationException">When the pipeline is built: the options are not registered.</exception>
    public static ChatClientBuilder UseCircuitBreaker(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => Create(
            inner,
            services.GetStageOptions<CircuitBreakerOptions>(optionsName, nameof(CircuitBreakerAgentHostingBuilderExtensions.AddCircuitBreaker)),
            services));
    }

    private static CircuitBreakerChatClient Create(IChatClient inner, CircuitBreakerOptions options, IServiceProvider services)
    {
        var timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        return new CircuitBreakerChatClient(
            inner,
            options,
            services.GetService<ICircuitBreakerStore>() ?? new InMemoryCircuitBreakerStore(timeProvider),
            timeProvider,
            services.GetService<ILoggerFactory>()?.CreateLogger<CircuitBreakerChatClient>() ?? NullLogger<CircuitBreakerChatClient>.Instance,
            new CircuitBreakerMetrics(services.GetService<IMeterFactory>()));
    }
}
