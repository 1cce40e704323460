using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds the input guard to a pipeline.</summary>
public static class InputGuardChatClientBuilderExtensions
{
    /// <summary>Checks what callers send, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseInputGuard(this ChatClientBuilder builder, InputGuardOptions options) =>
        builder.UseStage<InputGuardOptions, InputGuardOptionsValidator>(options, Create);

    /// <summary>Checks what callers send, with options and services from dependency injection (<c>AddInputGuard</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseInputGuard(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<InputGuardOptions>(optionsName, Create);

    private static InputGuardChatClient Create(IChatClient inner, InputGuardOptions options, StageServices services) =>
        new(inner, new InputGuard(options, services));
}
