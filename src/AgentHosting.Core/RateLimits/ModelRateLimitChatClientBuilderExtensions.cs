using AgentHosting.Pricing;
using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds the rate limit of models to a pipeline.</summary>
public static class ModelRateLimitChatClientBuilderExtensions
{
    /// <summary>Keeps requests and tokens of a model within its limits per minute, with the given options. Needs no services; a registered <see cref="IAgentRateLimiter"/> and <see cref="ITokenCounter"/> are used.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <param name="limiter">Where it is counted; <see langword="null"/> for the registered one, or else one of this pipeline.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseModelRateLimit(this ChatClientBuilder builder, ModelRateLimitOptions options, IAgentRateLimiter? limiter = null) =>
        builder.UseStage<ModelRateLimitOptions, ModelRateLimitOptionsValidator>(options, (inner, options, services) => Create(inner, options, services, limiter));

    /// <summary>Keeps requests and tokens of a model within its limits per minute, with options and services from dependency injection (<c>AddModelRateLimit</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseModelRateLimit(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<ModelRateLimitOptions>(optionsName, static (inner, options, services) => Create(inner, options, services, limiter: null));

    private static ModelRateLimitChatClient Create(IChatClient inner, ModelRateLimitOptions options, StageServices services, IAgentRateLimiter? limiter) => new(
        inner,
        options,
        limiter ?? services.Get<IAgentRateLimiter>() ?? InMemoryRateLimiter.Create(services.Time),
        services.Get<ITokenCounter>() ?? TokenEstimator.Instance,
        services.Time,
        services.Logger<ModelRateLimitChatClient>(),
        new RateLimitMetrics(services.Meters));
}
