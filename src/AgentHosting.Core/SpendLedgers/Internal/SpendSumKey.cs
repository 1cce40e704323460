namespace AgentHosting.SpendLedgers.Internal;

/// <summary>By what sums are kept.</summary>
internal readonly record struct SpendSumKey(DateOnly Day, string? TenantId, string? UserId, string? Agent, string? Model)
{
    public static SpendSumKey Of(SpendAccount account, DateTimeOffset at) =>
        new(DateOnly.FromDateTime(at.UtcDateTime), account.TenantId, account.UserId, account.Agent, account.Model);

    public SpendAccount AccountOf(string? sessionId, string? runId) =>
        new() { TenantId = TenantId, UserId = UserId, SessionId = sessionId, RunId = runId, Agent = Agent, Model = Model };

    public bool Matches(SpendQuery query) =>
        (query.TenantId is null || query.TenantId == TenantId)
        && (query.UserId is null || query.UserId == UserId)
        && (query.Agent is null || query.Agent == Agent)
        && (query.Model is null || query.Model == Model)
        && (query.From is null || Day >= query.From)
        && (query.To is null || Day <= query.To);
}
