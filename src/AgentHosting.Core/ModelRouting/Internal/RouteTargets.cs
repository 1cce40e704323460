using AgentHosting.Models;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>The candidates with what the catalog knows about them, and which of them a call fits into.</summary>
internal sealed class RouteTargets
{
    private const decimal TokensPerPrice = 1_000_000m;
    private readonly ModelRouteTarget[] _all;
    private readonly bool _anyLimit;

    public RouteTargets(ModelRouterOptions options, IModelCatalog? catalog)
    {
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
                Price = model?.Price,
                Options = model?.Options,
            };
            _anyLimit |= model?.Options.ContextWindow is not null;
        }
    }

    public IReadOnlyList<ModelRouteTarget> All => _all;

    /// <summary>The candidates that a call fits into. When it fits into none, that with the largest window: the stage below decides what to leave out.</summary>
    public IReadOnlyList<ModelRouteTarget> ThatFit(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (!_anyLimit)
        {
            return _all;
        }

        var tokens = TokenEstimate.Of(messages, options) + (options?.MaxOutputTokens ?? 0);
        return Array.TrueForAll(_all, target => Fits(target, tokens)) ? _all : Filter(tokens);
    }

    public static decimal? CostOf(ModelPrice? price, long inputTokens, int outputTokens) =>
        price is null ? null : ((inputTokens * price.Input) + (outputTokens * price.Output)) / TokensPerPrice;

    private ModelRouteTarget[] Filter(long tokens)
    {
        var fitting = Array.FindAll(_all, target => Fits(target, tokens));
        return fitting.Length > 0 ? fitting : [_all.MaxBy(static target => target.Options?.ContextWindow ?? int.MaxValue)!];
    }

    private static bool Fits(ModelRouteTarget target, long tokens) => target.Options?.ContextWindow is not { } window || tokens <= window;
}
