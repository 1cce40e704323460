using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers the options of the retry stage.</summary>
public static class RetryAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseRetry</c>, bound to configuration section <c>AgentHosting:Retry[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddRetry(this IAgentHostingBuilder builder, Action<RetryOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<RetryOptions, RetryOptionsValidator>(
            configure, optionsName, static (section, options) => section.Bind(options, StrictBinding.Strict));
}
