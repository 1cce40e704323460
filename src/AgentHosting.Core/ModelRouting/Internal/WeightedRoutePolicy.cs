namespace AgentHosting.ModelRouting.Internal;

/// <summary>A model drawn at random, each as often as its weight says.</summary>
/// <param name="random">Numbers from 0 to below 1.</param>
internal sealed class WeightedRoutePolicy(Func<double> random) : IModelRoutePolicy
{
    public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        double total = 0;
        for (var i = 0; i < context.Targets.Count; i++)
        {
            total += context.Targets[i].Weight;
        }

        return new(Draw(context.Targets, random() * total).RouteFor(RouteReasons.Weighted));
    }

    private static ModelRouteTarget Draw(IReadOnlyList<ModelRouteTarget> targets, double lot)
    {
        // Where all that fit have weight 0, the strongest of them.
        var drawn = targets[^1];
        for (var i = 0; i < targets.Count && lot >= 0; i++)
        {
            if (targets[i].Weight > 0)
            {
                drawn = targets[i];
                lot -= drawn.Weight;
            }
        }

        return drawn;
    }
}
