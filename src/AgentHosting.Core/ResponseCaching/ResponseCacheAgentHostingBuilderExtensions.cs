using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers the settings of the response cache.</summary>
public static class ResponseCacheAgentHostingBuilderExtensions
{
    /// <summary>Adds settings for <c>UseResponseCache</c>. Configuration section <c>AgentHosting:ResponseCache[:NAME]</c> wins over code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <param name="optionsName">The name of the settings; <see langword="null"/> for the default ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddResponseCache(
        this IAgentHostingBuilder builder, Action<ResponseCacheOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<ResponseCacheOptions, ResponseCacheOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));
}
