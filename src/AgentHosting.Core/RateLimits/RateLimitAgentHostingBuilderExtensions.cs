using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Registers rate limits.</summary>
public static class RateLimitAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseModelRateLimit</c>, bound to configuration section <c>AgentHosting:ModelRateLimit[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddModelRateLimit(
        this IAgentHostingBuilder builder, Action<ModelRateLimitOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<ModelRateLimitOptions, ModelRateLimitOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));

    /// <summary>Changes how many runs the host accepts, per user and together. Configuration section <c>AgentHosting:RateLimits</c> wins over it.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder ConfigureRateLimits(this IAgentHostingBuilder builder, Action<RateLimitOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }
}
