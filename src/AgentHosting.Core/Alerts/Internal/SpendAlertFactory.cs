using System.Globalization;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.Alerts.Internal;

/// <summary>Makes alerts of what the ledger tells.</summary>
internal static class SpendAlertFactory
{
    public static SpendAlert Of(SpendCrossing crossing)
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
        var id = crossing.ScopeId.Length == 0 ? "" : $" '{crossing.ScopeId}'";
        var tenant = crossing.TenantId is null ? "" : $" of tenant '{crossing.TenantId}'";
        // What is refused counts as used up, while less may be settled.
        var isSetAside = spent < cap * (decimal)crossing.Ratio;
        var resets = crossing.ResetsAt is { } at ? $" It resets at {at.UtcDateTime:u}." : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The budget of {crossing.Limit.Scope}{id}{tenant} ({crossing.Limit.Window}) has reached {crossing.Ratio:0.##%}: {spent} of {cap} {NameOf(crossing.Unit)} are spent{(isSetAside ? ", and requests under way hold the rest" : "")}.{resets}");
    }

    private static decimal InUnit(SpendUnit unit, long amount) => unit == SpendUnit.Cost ? SpendMoney.FromNanos(amount) : amount;

    private static string NameOf(SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => "of the currency",
        SpendUnit.Tokens => "tokens",
        _ => "calls",
    };
}
