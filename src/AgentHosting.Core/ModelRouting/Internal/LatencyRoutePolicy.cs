namespace AgentHosting.ModelRouting.Internal;

/// <summary>Of two models drawn at random the one that has answered sooner of late, calls in flight counted. Two draws keep all callers from running to one model.</summary>
/// <param name="tracker">The latencies.</param>
/// <param name="random">Numbers from 0 to below 1.</param>
internal sealed class LatencyRoutePolicy(LatencyTracker tracker, Func<double> random) : IModelRoutePolicy
{
    public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var targets = context.Targets;
        var first = Draw(targets.Count);
        var best = targets[first];
        if (targets.Count > 1)
        {
            var second = Draw(targets.Count - 1);
            var other = targets[second < first ? second : second + 1];
            // The first was drawn at random too, so a tie is decided at random.
            best = tracker.LoadOf(other.Model, context.IsStreaming) < tracker.LoadOf(best.Model, context.IsStreaming) ? other : best;
        }

        return new(best.RouteFor(RouteReasons.Fastest));
    }

    private int Draw(int count) => (int)(random() * count);
}
