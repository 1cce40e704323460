using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Near the end of its caller's budget a call goes to the weakest model that it fits into; before that, where another policy sends it.</summary>
internal sealed partial class StepDownRoutePolicy(IModelRoutePolicy policy, ISpendHeadroom headroom, double at, ILogger<StepDownRoutePolicy> logger) : IModelRoutePolicy
{
    public async ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken) =>
        await IsNearAsync(context, cancellationToken)
            ? context.Targets[0].RouteFor(RouteReasons.Budget)
            : await policy.ChooseAsync(context, cancellationToken);

    private async ValueTask<bool> IsNearAsync(ModelRouteContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await headroom.GetUsedShareAsync(context.CallContext, cancellationToken) >= at;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Where calls go is no matter of safety: whether they may be made at all, the budget below decides.
            LogUnknown(logger, exception);
            return false;
        }
    }

    [LoggerMessage(Diagnostics.EventIds.RouteBudgetUnknown, LogLevel.Warning, "How much of the budget is used is unknown; the call is routed as if it were not.", EventName = "RouteBudgetUnknown")]
    private static partial void LogUnknown(ILogger logger, Exception exception);
}
