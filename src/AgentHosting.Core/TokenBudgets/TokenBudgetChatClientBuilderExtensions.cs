using AgentHosting.Alerts.Internal;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.TokenBudgets;
using AgentHosting.TokenBudgets.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds a token budget to a pipeline.</summary>
public static class TokenBudgetChatClientBuilderExtensions
{
    /// <summary>Keeps what is spent within limits, with the given options. Needs no services; a registered <see cref="ISpendLedger"/> and <see cref="ITokenCounter"/> are used.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <param name="ledger">Where spend is kept; <see langword="null"/> for the registered one, or else one of this pipeline.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseTokenBudget(this ChatClientBuilder builder, TokenBudgetOptions options, ISpendLedger? ledger = null) =>
        builder.UseStage<TokenBudgetOptions, TokenBudgetOptionsValidator>(options, (inner, options, services) => Create(inner, options, services, ledger));

    /// <summary>Keeps what is spent within limits, with options and services from dependency injection (<c>AddTokenBudget</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseTokenBudget(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<TokenBudgetOptions>(optionsName, static (inner, options, services) => Create(inner, options, services, ledger: null));

    private static TokenBudgetChatClient Create(IChatClient inner, TokenBudgetOptions options, StageServices services, ISpendLedger? ledger) => new(
        inner,
        options,
        ledger ?? services.Get<ISpendLedger>() ?? InMemorySpendLedger.Create(services.Time),
        services.Get<SpendAlertDispatcher>() ?? SpendAlertDispatcher.Create(services),
        services.Get<ITokenCounter>() ?? TokenEstimator.Instance,
        services.Time,
        services.Logger<TokenBudgetChatClient>(),
        new TokenBudgetMetrics(services.Meters));
}
