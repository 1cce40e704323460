using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers the options of the input guard.</summary>
public static class InputGuardAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseInputGuard</c>, bound to configuration section <c>AgentHosting:InputGuard[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddInputGuard(
        this IAgentHostingBuilder builder, Action<InputGuardOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<InputGuardOptions, InputGuardOptionsValidator>(
            configure,
            optionsName,
            static (section, options) =>
            {
                var settings = new InputGuardSection();
                section.Bind(settings, StrictBinding.Strict);
                settings.ApplyTo(options);
            });
}
