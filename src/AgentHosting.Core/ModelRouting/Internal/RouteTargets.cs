using AgentHosting.Models;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>The candidates with what the catalog knows about them, and which of them a call fits into.</summary>
internal sealed class RouteTargets
{
    private const decimal TokensPerPrice = 1_000_000m;
    private readonly ModelRouteTarget[] _all;
    private readonly ITokenCounter _counter;
    private readonly bool _anyLimit;

    public RouteTargets(ModelRouterOptions options, IModelCatalog? catalog, ITokenCounter? counter = null)
    {
        _counter = counter ?? TokenEstimator.Instance;
        _all = new ModelRouteTarget[options.Candidates.Count];
        for (var tier = 0; tier < _all.Length; tier++)
        {
            var candidate = options.Candidates[tier];
            var model = catalog?.Find(candidate.Model);
            if (catalog is not null && model is null)
            {
                throw new InvalidOperationException(
                    $"The router's candidate '{candidate.Model}' is no model. Add it with AddModel(\"{candidate.Model}\", ...) or use one of: {string.Join(", ", catalog.Names)}.");
            }

            _all[tier] = new ModelRouteTarget
            {
                Model = candidate.Model,
                Tier = tier,
                Weight = candidate.Weight,
                Definition = model,
                Options = model?.Options,
            };
            _anyLimit |= model is not null && RequestNeeds.AreLimitedBy(model.Options);
        }
    }

    /// <summary>The candidates that a call fits into. When it fits into none, that with the largest window among those that support it.</summary>
    public IReadOnlyList<ModelRouteTarget> ThatFit(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (!_anyLimit)
        {
            return _all;
        }

        var needs = RequestNeeds.Of(messages, options, _counter);
        foreach (var target in _all)
        {
            if (!needs.AreMetBy(target.Options))
            {
                // Apart from here, since its closures would be allocated for every call.
                return Filter(needs);
            }
        }

        return _all;
    }

    public static decimal? CostOf(ModelPrice? price, long inputTokens, int outputTokens) =>
        price is null ? null : ((inputTokens * price.Input) + (outputTokens * price.Output)) / TokensPerPrice;

    private ModelRouteTarget[] Filter(RequestNeeds needs)
    {
        var fitting = Array.FindAll(_all, target => needs.AreMetBy(target.Options));
        if (fitting.Length > 0)
        {
            return fitting;
        }

        // What a model cannot do at all counts more than what does not fit into it, of which a stage below may leave something out.
        var able = Array.FindAll(_all, target => needs.AreSupportedBy(target.Options));
        return able.Length > 0 ? [able.MaxBy(static target => target.Options?.ContextWindow ?? int.MaxValue)!] : _all;
    }
}
