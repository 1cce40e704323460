using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Registers what a model router needs.</summary>
public static class ModelRouterAgentHostingBuilderExtensions
{
    /// <summary>Registers the options of <c>UseModelRouter</c>, bound to configuration section <c>AgentHosting:ModelRouter[:NAME]</c> and validated at start-up.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets options; configuration wins over it. A list in configuration replaces the one set here.</param>
    /// <param name="optionsName">The name of the options; <see langword="null"/> for the unnamed ones.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddModelRouter(
        this IAgentHostingBuilder builder, Action<ModelRouterOptions>? configure = null, string? optionsName = null) =>
        builder.AddStage<ModelRouterOptions, ModelRouterOptionsValidator>(
            configure,
            optionsName,
            static (section, options) =>
            {
                ClearIfGiven(section.GetSection(nameof(options.Candidates)), options.Candidates);
                ClearIfGiven(section.GetSection(nameof(options.Thresholds)), options.Thresholds);
                section.Bind(options, StrictBinding.Strict);
            });

    /// <summary>Registers a policy of the application, for <see cref="ModelRouterOptions.Policy"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="name">The name by which options ask for it.</param>
    /// <param name="create">Creates it, once.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty or that of a built-in policy.</exception>
    public static IAgentHostingBuilder AddModelRoutePolicy(this IAgentHostingBuilder builder, string name, Func<IServiceProvider, IModelRoutePolicy> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (name is ModelRoutePolicies.Complexity or ModelRoutePolicies.Cheapest or ModelRoutePolicies.Weighted or ModelRoutePolicies.Latency
            or ModelRoutePolicies.SessionSticky)
        {
            throw new ArgumentException($"'{name}' is a built-in routing policy. Give yours another name.", nameof(name));
        }

        builder.Services.AddKeyedSingleton(name, (services, _) => create(services));
        return builder;
    }

    private static void ClearIfGiven<T>(IConfigurationSection section, IList<T> list)
    {
        if (section.Exists())
        {
            list.Clear();
        }
    }
}
