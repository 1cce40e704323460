using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using Microsoft.Extensions.AI;
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
    public static ChatClientBuilder UseCircuitBreaker(this ChatClientBuilder builder, CircuitBreakerOptions options) =>
        builder.UseStage<CircuitBreakerOptions, CircuitBreakerOptionsValidator>(options, Create);

    /// <summary>Refuses calls to a model that fails, with options from the services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name given to <c>AddCircuitBreaker</c>.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="InvalidOperationException">When the pipeline is built: the options are not registered.</exception>
    public static ChatClientBuilder UseCircuitBreaker(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<CircuitBreakerOptions>(optionsName, Create);

    private static CircuitBreakerChatClient Create(IChatClient inner, CircuitBreakerOptions options, StageServices services) => new(
        inner,
        options,
        services.Get<ICircuitBreakerStore>() ?? new InMemoryCircuitBreakerStore(services.Time),
        services.Time,
        services.Logger<CircuitBreakerChatClient>(),
        new CircuitBreakerMetrics(services.Meters));
}
