using AgentHosting.ContextWindows;
using AgentHosting.ContextWindows.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers the options of the context window stage.</summary>
public static class ContextWindowAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseContextWindow</c>, bound to configuration section <c>AgentHosting:ContextWindow[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddContextWindow(
        this IAgentHostingBuilder builder, Action<ContextWindowOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<ContextWindowOptions, ContextWindowOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));
}
