using AgentHosting.SpendLedgers;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>To whom a call is charged. The latest account is used again while the calls are those of one caller, as all are in a pipeline without call contexts.</summary>
internal sealed class CallerAccounts
{
    // Accounts never change, so that callers at once may all take it, and the last to write it wins.
    private SpendAccount? _latest;

    public SpendAccount Of(AgentCallContext? context, string? model)
    {
        var account = _latest;
        if (account is null || !IsOf(account, context, model))
        {
            _latest = account = new SpendAccount
            {
                TenantId = context?.TenantId,
                UserId = context?.UserId,
                SessionId = context?.SessionId,
                RunId = context?.RunId,
                Agent = context?.Agent,
                Model = model,
            };
        }

        return account;
    }

    private static bool IsOf(SpendAccount account, AgentCallContext? context, string? model) =>
        account.RunId == context?.RunId
        && account.SessionId == context?.SessionId
        && account.UserId == context?.UserId
        && account.TenantId == context?.TenantId
        && account.Agent == context?.Agent
        && account.Model == model;
}
