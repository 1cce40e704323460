using AgentHosting.Timeouts;
using AgentHosting.Timeouts.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers the options of the timeout stage.</summary>
public static class TimeoutAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseTimeout</c>, bound to configuration section <c>AgentHosting:Timeout[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddTimeout(this IAgentHostingBuilder builder, Action<TimeoutOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<TimeoutOptions, TimeoutOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));
}
