using System.Security.Claims;

namespace AgentHosting;

/// <summary>Who submitted a run. It is stored with the run, so a worker in another process acts for the same user.</summary>
public sealed class AgentIdentity
{
    /// <summary>The user id of callers that gave none: <c>anonymous</c>.</summary>
    public const string AnonymousUserId = "anonymous";

    /// <summary>The identity of a caller that gave none.</summary>
    public static AgentIdentity Anonymous { get; } = new();

    /// <summary>The owner of the run.</summary>
    /// <value>The default is <c>anonymous</c>.</value>
    public string UserId { get; init; } = AnonymousUserId;

    /// <summary>The isolation key for fairness, limits, cache scope and partition.</summary>
    /// <value>The default is <see langword="null"/>: the user is the tenant. In budgets and the response cache it is another one than a tenant of the same name.</value>
    public string? TenantId { get; init; }

    /// <summary>The claims chosen to travel with the run.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyList<AgentClaim> Claims { get; init; } = [];

    /// <summary>The tenant, or the user where no tenant was given.</summary>
    /// <returns>The isolation key.</returns>
    public string GetTenantOrUser() => TenantId ?? UserId;

    /// <summary>Builds a principal that carries the user id as name identifier and the stored claims.</summary>
    /// <returns>A principal with authentication type <c>AgentHosting</c>, or an unauthenticated one for <see cref="Anonymous"/>.</returns>
    public ClaimsPrincipal ToPrincipal()
    {
        var identity = new ClaimsIdentity(UserId == AnonymousUserId ? null : "AgentHosting");
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, UserId));
        foreach (var claim in Claims)
        {
            if (claim.Type != ClaimTypes.NameIdentifier)
            {
                identity.AddClaim(new Claim(claim.Type, claim.Value));
            }
        }

        return new ClaimsPrincipal(identity);
    }
}
