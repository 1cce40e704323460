using System.Globalization;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.Alerts.Internal;

/// <summary>Makes alerts of what the ledger tells.</summary>
internal static class SpendAlertFactory
{
    public static IEnumerable<SpendAlert> Of(IReadOnlyList<SpendCrossing> crossings, IReadOnlyList<SpendAnomaly> anomalies) =>
        crossings.Count + anomalies.Count == 0 ? [] : crossings.Select(Of).Concat(anomalies.Select(Of));

    private static SpendAlert Of(SpendAnomaly anomaly)
    {
        var (spent, usual) = (SpendMoney.FromNanos(anomaly.SpentNanos), SpendMoney.FromNanos(anomaly.UsualNanos));
        var whose = WhoseOf(anomaly.Rule.Scope, anomaly.ScopeId, anomaly.TenantId);
        return new SpendAlert
        {
            Id = Guid.CreateVersion7(anomaly.At).ToString("N"),
            Kind = SpendAlertKind.Anomaly,
            Scope = anomaly.Rule.Scope,
            ScopeId = anomaly.ScopeId,
            TenantId = anomaly.TenantId,
            Unit = SpendUnit.Cost,
            Ratio = anomaly.Rule.Factor,
            Usual = usual,
            Spent = spent,
            Window = string.Create(CultureInfo.InvariantCulture, $"period:{anomaly.Rule.Period:c}"),
            ResetsAt = anomaly.ResetsAt,
            At = anomaly.At,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"The spend of {whose} is unusually high: {spent} of the currency in the {anomaly.Rule.Period:c} that end at {anomaly.ResetsAt.UtcDateTime:u}, where {usual} is usual."),
        };
    }

    private static SpendAlert Of(SpendCrossing crossing)
    {
        var (cap, spent) = (InUnit(crossing.Unit, crossing.Cap), InUnit(crossing.Unit, crossing.Settled));
        return new SpendAlert
        {
            Id = Guid.CreateVersion7(crossing.At).ToString("N"),
            Kind = SpendAlertKind.Threshold,
            Scope = crossing.Limit.Scope,
            ScopeId = crossing.ScopeId,
            TenantId = crossing.TenantId,
            Unit = crossing.Unit,
            Ratio = crossing.Ratio,
            Cap = cap,
            Spent = spent,
            Window = crossing.Limit.Window.Name,
            ResetsAt = crossing.ResetsAt,
            At = crossing.At,
            Message = MessageOf(crossing, cap, spent),
        };
    }

    private static string MessageOf(SpendCrossing crossing, decimal cap, decimal spent)
    {
        // What is refused counts as used up, while less may be settled.
        var isSetAside = spent < cap * (decimal)crossing.Ratio;
        var resets = crossing.ResetsAt is { } at ? $" It resets at {at.UtcDateTime:u}." : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The budget of {WhoseOf(crossing.Limit.Scope, crossing.ScopeId, crossing.TenantId)} ({crossing.Limit.Window}) has reached {crossing.Ratio:0.##%}: {spent} of {cap} {NameOf(crossing.Unit)} are spent{(isSetAside ? ", and requests under way hold the rest" : "")}.{resets}");
    }

    private static string WhoseOf(SpendScope scope, string id, string? tenant) =>
        $"{scope}{(id.Length == 0 ? "" : $" '{id}'")}{(tenant is null ? "" : $" of tenant '{tenant}'")}";

    private static decimal InUnit(SpendUnit unit, long amount) => unit == SpendUnit.Cost ? SpendMoney.FromNanos(amount) : amount;

    private static string NameOf(SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => "of the currency",
        SpendUnit.Tokens => "tokens",
        _ => "calls",
    };
}
