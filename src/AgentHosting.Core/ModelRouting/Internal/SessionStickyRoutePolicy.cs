namespace AgentHosting.ModelRouting.Internal;

/// <summary>
/// Keeps a session on its model, since a change loses the provider's prompt cache. A policy that goes by strength may move it up; one that goes by price,
/// chance or speed is asked only once.
/// </summary>
internal sealed class SessionStickyRoutePolicy(IModelRoutePolicy inner, bool escalates, int maxSessions) : IModelRoutePolicy
{
    private readonly SessionPins _pins = new(maxSessions);

    public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        if (context.CallContext is not { SessionId: { } session } call)
        {
            return inner.ChooseAsync(context, cancellationToken);
        }

        var key = (call.TenantId ?? call.UserId, session);
        var pinned = _pins.Find(key);

        // A request that has outgrown the model of its session is chosen for anew.
        var isOutgrown = pinned is not null && !IsAmong(context.Targets, pinned);
        return pinned is not null && !isOutgrown && (!escalates || pinned.Tier == context.Targets[^1].Tier)
            ? new(Pinned(pinned))
            : AskAsync(context, key, pinned, isOutgrown, cancellationToken);
    }

    private ValueTask<ModelRoute> AskAsync(
        ModelRouteContext context, (string? Tenant, string Session) key, ModelRouteTarget? pinned, bool isOutgrown, CancellationToken cancellationToken)
    {
        var choice = inner.ChooseAsync(context, cancellationToken);
        return choice.IsCompletedSuccessfully ? new(Settle(context, key, pinned, isOutgrown, choice.Result)) : AwaitAsync(choice, context, key, pinned, isOutgrown);
    }

    private async ValueTask<ModelRoute> AwaitAsync(
        ValueTask<ModelRoute> choice, ModelRouteContext context, (string? Tenant, string Session) key, ModelRouteTarget? pinned, bool isOutgrown) =>
        Settle(context, key, pinned, isOutgrown, await choice);

    private ModelRoute Settle(ModelRouteContext context, (string? Tenant, string Session) key, ModelRouteTarget? pinned, bool isOutgrown, ModelRoute route)
    {
        // A policy of the application may name a model that is no candidate: such a choice is its own affair.
        if (Find(context.Targets, route.Model) is not { } target)
        {
            return route;
        }

        if (pinned is not null && !isOutgrown && target.Tier <= pinned.Tier)
        {
            return Pinned(pinned);
        }

        // Another call of the session may have pinned it meanwhile: all go to one model.
        var standing = _pins.Pin(key, target, isOutgrown ? pinned : null, escalates);
        if (standing != target)
        {
            // Too small for this request, it is left to those that it was chosen for.
            return IsAmong(context.Targets, standing) ? Pinned(standing) : route;
        }

        return pinned is null || isOutgrown ? route : target.RouteFor(RouteReasons.Escalated);
    }

    private static ModelRoute Pinned(ModelRouteTarget target) => target.RouteFor(RouteReasons.Pinned);

    private static bool IsAmong(IReadOnlyList<ModelRouteTarget> targets, ModelRouteTarget target) => Find(targets, target.Model) is not null;

    private static ModelRouteTarget? Find(IReadOnlyList<ModelRouteTarget> targets, string model)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Model == model)
            {
                return targets[i];
            }
        }

        return null;
    }
}
