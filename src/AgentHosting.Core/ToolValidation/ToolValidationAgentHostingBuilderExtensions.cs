using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Registers what the validation of tool calls needs.</summary>
public static class ToolValidationAgentHostingBuilderExtensions
{
    /// <summary>
    /// Changes the options by which tool calls are validated. The unnamed ones are registered in every host and hold for its agents; others are those of
    /// <c>UseToolValidation(optionsName)</c>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options. Configuration section <c>AgentHosting:ToolValidation[:NAME]</c> wins over it.</param>
    /// <param name="optionsName">The name that <c>UseToolValidation</c> asks for.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddToolValidation(
        this IAgentHostingBuilder builder, Action<ToolValidationOptions>? configure = null, string? optionsName = null)
    {
        builder.AddStage<ToolValidationOptions, ToolValidationOptionsValidator>(configure, optionsName, Bind);
        builder.Services.TryAddSingleton<IToolApprovals>(static provider => new InMemoryToolApprovals(new StageServices(provider).Time));
        builder.Services.TryAddSingleton(static provider => new ToolValidator(
            provider.GetRequiredService<IOptionsMonitor<ToolValidationOptions>>().Get(Options.DefaultName), new StageServices(provider)));
        return builder;
    }

    private static void Bind(IConfigurationSection section, ToolValidationOptions options)
    {
        // The binder would add to the list, behind rules that an operator means to replace.
        if (section.GetSection(nameof(options.Rules)).Exists())
        {
            options.Rules.Clear();
        }

        section.Bind(options, StrictBinding.Strict);
    }
}
