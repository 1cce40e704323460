using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>How near a caller is to its limits, and what a run that is near to them is told.</summary>
internal sealed partial class TokenBudgetChatClient : ISpendHeadroom
{
    private readonly SpendLimit[] _shared;
    private readonly SpendLimit[] _ofRuns;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ISpendHeadroom) ? this : base.GetService(serviceType, serviceKey);

    public ValueTask<double> GetUsedShareAsync(AgentCallContext? context, CancellationToken cancellationToken) =>
        _shared.Length == 0 ? default : UsedShareAsync(_shared, context, cancellationToken);

    /// <summary>The options of a request of a run that is near the end of its budget, which tell the model so; else those that were given.</summary>
    private async ValueTask<ChatOptions?> WrapUpAsync(ChatOptions? options, string model, double at, CancellationToken cancellationToken)
    {
        if (options.GetAgentContext() is not { RunId: not null } context || _ofRuns.Length == 0)
        {
            return options;
        }

        try
        {
            if (await UsedShareAsync(_ofRuns, context, cancellationToken) < at)
            {
                return options;
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The reservation that follows decides what a ledger that does not answer means.
            _metrics.StoreFailed();
            LogLedgerFailed(exception, context.RunId);
            return options;
        }

        _metrics.WrappedUp(model);
        var told = options!.Clone();
        // In the instructions, which each request has once: of those above, none sees it, and so none repeats it.
        told.Instructions = string.IsNullOrEmpty(told.Instructions) ? _options.WrapUpMessage : $"{told.Instructions}\n\n{_options.WrapUpMessage}";
        return told;
    }

    private async ValueTask<double> UsedShareAsync(SpendLimit[] limits, AgentCallContext? context, CancellationToken cancellationToken)
    {
        var share = 0d;
        foreach (var balance in await _ledger.GetBalancesAsync(_accounts.Of(context, model: null), limits, cancellationToken))
        {
            share = Math.Max(share, ShareOf(balance.Limit.MaxCostNanos, balance.SettledCostNanos + balance.HeldCostNanos));
            share = Math.Max(share, ShareOf(balance.Limit.MaxTokens, balance.SettledTokens + balance.HeldTokens));
            share = Math.Max(share, ShareOf(balance.Limit.MaxCalls, balance.Calls));
        }

        return share;
    }

    private static double ShareOf(long? cap, long used) => cap is not { } most ? 0 : most == 0 ? 1 : (double)used / most;
}
