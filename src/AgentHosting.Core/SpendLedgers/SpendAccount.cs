namespace AgentHosting.SpendLedgers;

/// <summary>To whom a request is charged.</summary>
public sealed class SpendAccount
{
    /// <summary>The tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>The user.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation. Its spend is kept per tenant, as two tenants may use one name.</summary>
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
        SpendScope.Tenant => TenantId,
        SpendScope.User => UserId,
        SpendScope.Session => SessionId,
        SpendScope.Run => RunId,
        SpendScope.Agent => Agent,
        SpendScope.Model => Model,
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "Use one of the named scopes."),
    };

    /// <summary>The tenant within which the name of a scope is meant: a user or session of one name in two tenants are two.</summary>
    internal string? TenantOf(SpendScope scope) => scope is SpendScope.User or SpendScope.Session ? TenantId : null;
}
