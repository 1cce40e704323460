using AgentHosting.ModelRouting.Internal.Complexity;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>The harder the last turn of the user looks, and the worse the agent fares with it, the stronger the model.</summary>
internal sealed class ComplexityRoutePolicy : IModelRoutePolicy
{
    private readonly double[] _thresholds;
    private readonly double _margin;
    private readonly RouteJudge? _judge;

    public ComplexityRoutePolicy(ModelRouterOptions options, RouteJudge? judge)
    {
        _thresholds = options.Thresholds.Count > 0 ? [.. options.Thresholds] : EvenShares(options.Candidates.Count);
        _margin = options.JudgeMargin;
        _judge = judge;
    }

    public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        var turn = CurrentTurn.Of(context.Messages);
        if (turn.IsInTrouble())
        {
            return new(Route(context, _thresholds.Length, RouteReasons.ToolTrouble));
        }

        var score = ComplexityClassifier.Classify(turn.Count());
        if (!score.HasSignal)
        {
            // Never the cheapest: what a "go on" goes on with may be anything.
            return new(Route(context, (_thresholds.Length + 1) / 2, RouteReasons.NoSignal));
        }

        var probability = AgentSignals.Apply(score.Probability, context, turn);
        var tier = TierOf(probability);
        return _judge is not null && NearestThreshold(probability) is { } boundary
            ? JudgeAsync(_judge, context, turn, tier, boundary, cancellationToken)
            : new(Route(context, tier, ReasonOf(tier)));
    }

    private async ValueTask<ModelRoute> JudgeAsync(
        RouteJudge judge, ModelRouteContext context, CurrentTurn turn, int tier, int boundary, CancellationToken cancellationToken) =>
        await judge.IsHardAsync(turn.Text, cancellationToken) switch
        {
            true => Route(context, boundary + 1, RouteReasons.JudgedComplex),
            false => Route(context, boundary, RouteReasons.JudgedSimple),
            null => Route(context, tier, ReasonOf(tier)),
        };

    private int TierOf(double probability)
    {
        var tier = 0;
        while (tier < _thresholds.Length && probability >= _thresholds[tier])
        {
            tier++;
        }

        return tier;
    }

    private int? NearestThreshold(double probability)
    {
        int? nearest = null;
        for (var i = 0; i < _thresholds.Length; i++)
        {
            var distance = Math.Abs(probability - _thresholds[i]);
            if (distance <= _margin && (nearest is null || distance < Math.Abs(probability - _thresholds[nearest.Value])))
            {
                nearest = i;
            }
        }

        return nearest;
    }

    private string ReasonOf(int tier) =>
        tier == 0 ? RouteReasons.Simple : tier == _thresholds.Length ? RouteReasons.Complex : RouteReasons.Moderate;

    // The wanted tier, or the next stronger one that the call fits into, or the strongest that there is.
    private static ModelRoute Route(ModelRouteContext context, int tier, string reason)
    {
        var targets = context.Targets;
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Tier >= tier)
            {
                return targets[i].RouteFor(reason);
            }
        }

        return targets[^1].RouteFor(reason);
    }

    private static double[] EvenShares(int candidates)
    {
        var quantiles = ComplexityWeights.Quantiles;
        var thresholds = new double[candidates - 1];
        for (var i = 0; i < thresholds.Length; i++)
        {
            thresholds[i] = quantiles[(int)Math.Round((i + 1d) / candidates * (quantiles.Length - 1))];
        }

        return thresholds;
    }
}
