using AgentHosting.Fallbacks;
using AgentHosting.Fallbacks.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers what a fallback needs.</summary>
public static class FallbackAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseFallback</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options. Configuration section <c>AgentHosting:Fallback[:NAME]</c> wins over it.</param>
    /// <param name="optionsName">The name that <c>UseFallback</c> asks for.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddFallback(
        this IAgentHostingBuilder builder, Action<FallbackOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<FallbackOptions, FallbackOptionsValidator>(
            configure,
            optionsName,
            static (section, options) =>
            {
                var settings = new FallbackSection();
                section.Bind(settings, StrictBinding.Strict);
                settings.ApplyTo(options);
            });
}
