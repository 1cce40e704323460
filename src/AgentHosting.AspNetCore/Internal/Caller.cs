using System.Security.Claims;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Who sends a request, and what is theirs.</summary>
internal sealed class Caller
{
    private readonly IEnumerable<Claim> _claims;
    private readonly bool _hasTenants;

    private Caller(bool isAuthenticated, string? userId, string? tenantId, bool hasTenants, IEnumerable<Claim> claims)
    {
        IsAuthenticated = isAuthenticated;
        UserId = userId;
        TenantId = tenantId;
        _hasTenants = hasTenants;
        _claims = claims;
    }

    public bool IsAuthenticated { get; }

    /// <summary>The user's id; <see langword="null"/> for callers that are not authenticated, or whose identity holds none.</summary>
    public string? UserId { get; }

    public string? TenantId { get; }

    public static Caller Of(HttpContext context, AgentEndpointOptions options)
    {
        var identities = context.User.Identities.Where(identity => identity.IsAuthenticated).ToList();
        var tenant = options.TenantIdSelector?.Invoke(context);
        return new Caller(
            identities.Count > 0,
            identities.Select(identity => FindUserId(identity, options.UserIdClaimType)).FirstOrDefault(id => !string.IsNullOrEmpty(id)),
            string.IsNullOrEmpty(tenant) ? null : tenant,
            options.TenantIdSelector is not null,
            identities.SelectMany(identity => identity.Claims).Where(claim => options.ClaimTypes.Contains(claim.Type)));
    }

    /// <summary>The identity of a run that this caller submits.</summary>
    public AgentIdentity ToIdentity(string? requestedUserId) => new()
    {
        UserId = (IsAuthenticated ? UserId : requestedUserId) ?? AgentIdentity.AnonymousUserId,
        TenantId = TenantId,
        Claims = [.. _claims.Select(claim => new AgentClaim { Type = claim.Type, Value = claim.Value })],
    };

    /// <summary>Whether the caller may know of the run. Without authentication whoever knows the id may, unless they say that they are somebody else.</summary>
    public bool Owns(AgentRun run, string? claimedUserId) =>
        (!_hasTenants || run.Identity.TenantId == TenantId)
        && (IsAuthenticated ? run.Identity.UserId == UserId : claimedUserId is null || run.Identity.UserId == claimedUserId);

    /// <summary>Whether the caller may act on the run where a policy allows it: who belongs to a tenant acts in that one alone.</summary>
    public bool MayActIn(AgentRun run) => TenantId is null || run.Identity.TenantId == TenantId;

    private static string? FindUserId(ClaimsIdentity identity, string? claimType) =>
        claimType is not null
            ? identity.FindFirst(claimType)?.Value
            : identity.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? identity.FindFirst("sub")?.Value ?? identity.Name;
}
