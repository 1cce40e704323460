using System.Diagnostics.Metrics;
using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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
    public static ChatClientBuilder UseModelRouter(this ChatClientBuilder builder, ModelRouterOptions options, IChatClient? judge = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        StageRegistration.Validated<ModelRouterOptions, ModelRouterOptionsValidator>(options);
        return builder.Use((inner, services) => Create(inner, services, options, judge));
    }

    /// <summary>Chooses the model of each call, with options and services from dependency injection (<c>AddModelRouter</c>).</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseModelRouter(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => Create(
            inner, services, services.GetStageOptions<ModelRouterOptions>(optionsName, nameof(ModelRouterAgentHostingBuilderExtensions.AddModelRouter)), judge: null));
    }

    private static ModelRouterChatClient Create(IChatClient inner, IServiceProvider services, ModelRouterOptions options, IChatClient? judge)
    {
        var timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        return new ModelRouterChatClient(
            inner,
            options,
            new RoutePolicyFactory(options, inner, judge, services, timeProvider, new RouteRandom().Next),
            services.GetService<ILogger<ModelRouterChatClient>>() ?? NullLogger<ModelRouterChatClient>.Instance,
            new ModelRouterMetrics(services.GetService<IMeterFactory>()));
    }
}
