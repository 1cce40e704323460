namespace AgentHosting.ModelRouting.Internal;

/// <summary>The cheapest model that the request fits into. A model without a price is taken by its place among the candidates, after those with one.</summary>
internal sealed class CheapestRoutePolicy(int expectedOutputTokens) : IModelRoutePolicy
{
    public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var output = Math.Min(context.Options?.MaxOutputTokens ?? int.MaxValue, expectedOutputTokens);
        var best = context.Targets[0];
        decimal? least = null;
        for (var i = 0; i < context.Targets.Count; i++)
        {
            if (context.Targets[i].Price is { } price && RouteTargets.CostOf(price, context.EstimatedInputTokens, output) is { } cost && (least is null || cost < least))
            {
                least = cost;
                best = context.Targets[i];
            }
        }

        return new(best.RouteFor(RouteReasons.Cheapest));
    }
}
