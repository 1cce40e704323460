namespace AgentHosting.SpendLedgers;

/// <summary>To whom a request is charged.</summary>
public sealed class SpendAccount
{
    /// <summary>The tenant.</summary>
    /// <value>The default is <see langword="null"/>: the user is a tenant alone, another one than a tenant of the same name.</value>
    public string? TenantId { get; init; }

    /// <summary>The user.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation. Its spend is kept per tenant, or per user where there is none, as two may use one name.</summary>
    public string? SessionId { get; init; }

    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>The name of the model that the request goes to.</summary>
    public string? Model { get; init; }

    /// <summary>The name under which a scope's spend is kept.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The name; <see langword="null"/> when the request belongs to none in that scope, so that a limit on it does not apply.</returns>
    public string? IdOf(SpendScope scope) => scope switch
    {
        SpendScope.Global or SpendScope.Call => "",
        SpendScope.Tenant => TenantId ?? UserId,
        SpendScope.User => UserId,
        SpendScope.Session => SessionId,
        SpendScope.Run => RunId,
        SpendScope.Agent => Agent,
        SpendScope.Model => Model,
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "Use one of the named scopes."),
    };

    /// <summary>The tenant within which the name of a scope is meant: a user or session of one name in two tenants are two.</summary>
    internal string? TenantOf(SpendScope scope) => scope switch
    {
        SpendScope.User => TenantId,
        SpendScope.Session => TenantId ?? UserId,
        _ => null,
    };

    /// <summary>Whether the user stands for the tenant: a part of what spend is kept under, since a tenant may have the same name.</summary>
    internal bool IsOfUserAlone(SpendScope scope) => TenantId is null && (scope is SpendScope.Tenant or SpendScope.Session);
}
