using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds the output guard to a pipeline.</summary>
public static class OutputGuardChatClientBuilderExtensions
{
    /// <summary>Replaces sensitive data in answers, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseOutputGuard(this ChatClientBuilder builder, OutputGuardOptions options) =>
        builder.UseStage<OutputGuardOptions, OutputGuardOptionsValidator>(options, Create);

    /// <summary>Replaces sensitive data in answers, with options and services from dependency injection (<c>AddOutputGuard</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseOutputGuard(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<OutputGuardOptions>(optionsName, Create);

    private static OutputGuardChatClient Create(IChatClient inner, OutputGuardOptions options, StageServices services) =>
        new(inner, options, services.Get<TokenVault>() ?? options.Vault, services.Logger<OutputGuardChatClient>(), new OutputGuardMetrics(services.Meters));
}
