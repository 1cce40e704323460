using AgentHosting.Fallbacks;
using AgentHosting.Fallbacks.Internal;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
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

    /// <summary>The same, with stages around each client of <see cref="FallbackOptions.Clients"/>.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read now.</param>
    /// <param name="addStages">Builds them around a client, given the key under which its state is kept.</param>
    /// <returns>The pipeline.</returns>
    internal static ChatClientBuilder UseFallback(
        this ChatClientBuilder builder, FallbackOptions options, Func<IChatClient, string, IServiceProvider, IChatClient> addStages) =>
        builder.UseStage<FallbackOptions, FallbackOptionsValidator>(
            options, (inner, options, services) => Create(inner, options, services, (client, key) => addStages(client, key, services.Provider)));

    private static FallbackChatClient Create(IChatClient inner, FallbackOptions options, StageServices services) =>
        Create(inner, options, services, static (client, _) => client);

    private static FallbackChatClient Create(
        IChatClient inner, FallbackOptions options, StageServices services, Func<IChatClient, string, IChatClient> addStages)
    {
        var models = ProviderBoundary.Around(inner);
        return new FallbackChatClient(
            models,
            new CandidateList(models, options, services.Get<ITokenCounter>() ?? TokenEstimator.Instance, addStages),
            new FallbackSettings(options, services.Time, services.Logger<FallbackChatClient>(), new FallbackMetrics(services.Meters)));
    }
}
