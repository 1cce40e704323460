using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentHosting;

/// <summary>Registers the options of the output guard.</summary>
public static class OutputGuardAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseOutputGuard</c>, bound to configuration section <c>AgentHosting:OutputGuard[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddOutputGuard(
        this IAgentHostingBuilder builder, Action<OutputGuardOptions>? configure = null, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // One for all guards of a host: a token that a tool's result was given is known to the stage.
        builder.Services.TryAddSingleton<TokenVault>();
        return builder.AddStage<OutputGuardOptions, OutputGuardOptionsValidator>(
            configure,
            optionsName,
            static (section, options) =>
            {
                var settings = new OutputGuardSection();
                section.Bind(settings, StrictBinding.Strict);
                settings.ApplyTo(options);
            });
    }
}
