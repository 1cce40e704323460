using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;
using AgentHosting.SpendLedgers;

namespace AgentHosting.TokenBudgets.Internal;

internal sealed class TokenBudgetMetrics
{
    private readonly Counter<long>? _requests;
    private readonly Counter<double>? _cost;
    private readonly Counter<long>? _storeFailures;

    public TokenBudgetMetrics(IMeterFactory? meterFactory)
    {
        var meter = meterFactory?.Create(AgentHostingDiagnostics.MeterName);
        _requests = meter?.CreateCounter<long>("agenthosting.token_budget.requests", "{request}", "Requests to providers by what the budget did about them.");
        _cost = meter?.CreateCounter<double>("agenthosting.token_budget.cost", "{currency}", "What requests have cost, in the host's currency.");
        _storeFailures = meter?.CreateCounter<long>("agenthosting.token_budget.store_failures", "{failure}", "Steps that the ledger could not take.");
    }

    public void Granted(string model, bool isShortened) => Count(model, isShortened ? "shortened" : "granted");

    public void Refused(string model) => Count(model, "refused");

    public void Stopped(string model) => Count(model, "stopped");

    public void WrappedUp(string model) => Count(model, "wrapped_up");

    public void StoreFailed() => _storeFailures?.Add(1);

    public void Settled(string model, SpendSettlement settlement)
    {
        if (_cost is { Enabled: true } counter && settlement.Cost is { } cost)
        {
            counter.Add(
                (double)cost,
                new KeyValuePair<string, object?>(TagNames.Model, model),
                new KeyValuePair<string, object?>(TagNames.IsEstimated, settlement.IsEstimated));
        }
    }

    private void Count(string model, string result)
    {
        if (_requests is { Enabled: true } counter)
        {
            counter.Add(1, new KeyValuePair<string, object?>(TagNames.Model, model), new KeyValuePair<string, object?>(TagNames.TokenBudgetResult, result));
        }
    }
}
