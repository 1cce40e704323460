using AgentHosting.Fallbacks;
using AgentHosting.Fallbacks.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds a fallback to a pipeline.</summary>
public static class FallbackChatClientBuilderExtensions
{
    /// <summary>Tries other models when one fails, with the options given. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read now.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    public static ChatClientBuilder UseFallback(this ChatClientBuilder builder, FallbackOptions options) =>
        builder.UseStage<FallbackOptions, FallbackOptionsValidator>(options, Create);

    /// <summary>Tries other models when one fails, with options from the services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name given to <c>AddFallback</c>.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="InvalidOperationException">When the pipeline is built: the options are not registered.</exception>
    public static ChatClientBuilder UseFallback(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<FallbackOptions>(optionsName, Create);

    private static FallbackChatClient Create(IChatClient inner, FallbackOptions options, StageServices services) =>
        new(inner, options, new FallbackSettings(options, services.Time, services.Logger<FallbackChatClient>(), new FallbackMetrics(services.Meters)));
}
