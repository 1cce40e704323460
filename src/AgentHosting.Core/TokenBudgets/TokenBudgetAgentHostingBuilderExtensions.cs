using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using AgentHosting.TokenBudgets.Internal;
using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Registers what a token budget needs.</summary>
public static class TokenBudgetAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseTokenBudget</c>, bound to configuration section <c>AgentHosting:TokenBudget[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it. Limits, alert ratios and anomalies in configuration replace those set here.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddTokenBudget(
        this IAgentHostingBuilder builder, Action<TokenBudgetOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<TokenBudgetOptions, TokenBudgetOptionsValidator>(
            configure,
            optionsName,
            static (section, options) =>
            {
                if (section.GetSection(nameof(options.Limits)).Exists())
                {
                    options.Limits.Clear();
                }

                if (section.GetSection(nameof(options.AlertRatios)).Exists())
                {
                    options.AlertRatios.Clear();
                }

                if (section.GetSection(nameof(options.Anomalies)).Exists())
                {
                    options.Anomalies.Clear();
                }

                section.Bind(options, StrictBinding.Strict);
            });
}
