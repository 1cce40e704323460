using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds the validation of tool calls to a pipeline.</summary>
public static class ToolValidationChatClientBuilderExtensions
{
    /// <summary>Validates the tool calls of the loop below, with the options given. Needs no services. Stands before <c>UseFunctionInvocation</c>.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read now.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    /// <exception cref="InvalidOperationException">When the pipeline is built: there is no tool loop below.</exception>
    public static ChatClientBuilder UseToolValidation(this ChatClientBuilder builder, ToolValidationOptions options) =>
        builder.UseStage<ToolValidationOptions, ToolValidationOptionsValidator>(options, Create);

    /// <summary>Validates the tool calls of the loop below, with options from the services. Stands before <c>UseFunctionInvocation</c>.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name given to <c>AddToolValidation</c>.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="InvalidOperationException">When the pipeline is built: the options are not registered, or there is no tool loop below.</exception>
    public static ChatClientBuilder UseToolValidation(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<ToolValidationOptions>(optionsName, Create);

    private static ToolValidationChatClient Create(IChatClient inner, ToolValidationOptions options, StageServices services) =>
        new(inner, new ToolValidator(options, services), services.Provider);
}
