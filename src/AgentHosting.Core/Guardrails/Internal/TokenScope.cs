namespace AgentHosting.Guardrails.Internal;

/// <summary>Within what a token stands for its value: the session of one user of one tenant, or the run where there is no session.</summary>
internal readonly record struct TokenScope(string? Tenant, string? User = null, string? Session = null, string? Run = null)
{
    /// <summary>Whether a later call can be told to belong to it.</summary>
    public bool IsKnown => Session is not null || Run is not null;

    public static TokenScope Of(AgentCallContext? context) => context switch
    {
        null => default,
        { SessionId: { Length: > 0 } session } => new TokenScope(context.TenantId, context.UserId, session),
        { RunId: { Length: > 0 } run } => new TokenScope(context.TenantId, context.UserId, Run: run),
        _ => new TokenScope(context.TenantId, context.UserId),
    };
}
