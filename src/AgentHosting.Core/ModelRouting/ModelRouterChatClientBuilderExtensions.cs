using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Adds a model router to a pipeline.</summary>
public static class ModelRouterChatClientBuilderExtensions
{
    /// <summary>Chooses the model of each call, with the given options. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The options, read once when the pipeline is built.</param>
    /// <param name="judge">Asked whether a prompt is hard when the classifier is not sure; <see langword="null"/> for none. It stays the caller's to dispose.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public static ChatClientBuilder UseModelRouter(this ChatClientBuilder builder, ModelRouterOptions options, IChatClient? judge = null) =>
        builder.UseStage<ModelRouterOptions, ModelRouterOptionsValidator>(options, (inner, options, services) => Create(inner, options, services, judge));

    /// <summary>Chooses the model of each call, with options and services from dependency injection (<c>AddModelRouter</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseModelRouter(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<ModelRouterOptions>(optionsName, static (inner, options, services) => Create(inner, options, services, judge: null));

    private static ModelRouterChatClient Create(IChatClient inner, ModelRouterOptions options, StageServices services, IChatClient? judge) => new(
        inner,
        options,
        new RoutePolicyFactory(options, inner, judge, services.Provider, services.Time, new RouteRandom().Next),
        services.Get<ITokenCounter>() ?? TokenEstimator.Instance,
        services.Logger<ModelRouterChatClient>(),
        new ModelRouterMetrics(services.Meters));
}
