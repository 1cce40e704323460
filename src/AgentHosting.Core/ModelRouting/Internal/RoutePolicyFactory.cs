using AgentHosting.Models;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Builds the policy that options name.</summary>
internal sealed class RoutePolicyFactory(
    ModelRouterOptions options, IChatClient innerClient, IChatClient? judgeClient, IServiceProvider services, TimeProvider timeProvider, Func<double> random)
{
    /// <summary>What the policy <c>latency</c> has to be told about calls; <see langword="null"/> when it is not used.</summary>
    public LatencyTracker? Tracker { get; private set; }

    /// <summary>Whether the policy chooses without waiting for anything.</summary>
    public bool ChoosesAtOnce { get; private set; } = true;

    public IModelRoutePolicy Create()
    {
        var policy = CreatePolicy();
        if (options.StepDownAt is not { } at)
        {
            return policy;
        }

        ChoosesAtOnce = false;
        var headroom = innerClient.GetService<ISpendHeadroom>()
            ?? throw new InvalidOperationException("StepDownAt of the model router needs to know what is spent. Add UseTokenBudget below it, or remove StepDownAt.");
        return new StepDownRoutePolicy(policy, headroom, at, services.GetService<ILogger<StepDownRoutePolicy>>() ?? NullLogger<StepDownRoutePolicy>.Instance);
    }

    private IModelRoutePolicy CreatePolicy() => options.Policy == ModelRoutePolicies.SessionSticky
        ? new SessionStickyRoutePolicy(
            Create(options.SessionPolicy),
            options.SessionPolicy is not (ModelRoutePolicies.Cheapest or ModelRoutePolicies.Weighted or ModelRoutePolicies.Latency),
            options.MaxSessions)
        : Create(options.Policy);

    private IModelRoutePolicy Create(string name) => name switch
    {
        ModelRoutePolicies.Complexity => new ComplexityRoutePolicy(options, CreateJudge()),
        ModelRoutePolicies.Cheapest => new CheapestRoutePolicy(options.ExpectedOutputTokens),
        ModelRoutePolicies.Weighted => new WeightedRoutePolicy(random),
        ModelRoutePolicies.Latency => new LatencyRoutePolicy(Tracker = new LatencyTracker(timeProvider, options.LatencyHalfLife), random),
        _ => FindNamed(name),
    };

    private IModelRoutePolicy FindNamed(string name)
    {
        ChoosesAtOnce = false;
        return (services as IKeyedServiceProvider)?.GetKeyedService(typeof(IModelRoutePolicy), name) as IModelRoutePolicy
            ?? throw new InvalidOperationException(
                $"There is no routing policy '{name}'. Add it with AddModelRoutePolicy(\"{name}\", ...) or use one of: {ModelRoutePolicies.Complexity}, "
                + $"{ModelRoutePolicies.Cheapest}, {ModelRoutePolicies.Weighted}, {ModelRoutePolicies.Latency}, {ModelRoutePolicies.SessionSticky}.");
    }

    private RouteJudge? CreateJudge()
    {
        if (judgeClient is null && options.JudgeModel is null)
        {
            return null;
        }

        ChoosesAtOnce = false;
        var catalog = innerClient.GetService<IModelCatalog>();
        if (judgeClient is null && catalog is not null && catalog.Find(options.JudgeModel!) is null)
        {
            throw new InvalidOperationException(
                $"The router's judge '{options.JudgeModel}' is no model. Add it with AddModel(\"{options.JudgeModel}\", ...) or use one of: {string.Join(", ", catalog.Names)}.");
        }

        // A model of the catalog is asked by its own client, past the stages of this pipeline, which are there for answers.
        var client = judgeClient ?? catalog?.Find(options.JudgeModel!)?.Client;
        return new RouteJudge(
            client ?? innerClient,
            client is null ? options.JudgeModel : null,
            options.JudgeTimeout,
            timeProvider,
            services.GetService<ILogger<RouteJudge>>() ?? NullLogger<RouteJudge>.Instance);
    }
}
