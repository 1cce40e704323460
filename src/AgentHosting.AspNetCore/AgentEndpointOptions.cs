using AgentHosting.AspNetCore.Internal;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.AspNetCore;

/// <summary>How the endpoints of <c>MapAgentHosting</c> behave.</summary>
public sealed class AgentEndpointOptions
{
    /// <summary>The path under which the endpoints lie: <c>/agent/run</c> and so on.</summary>
    /// <value>The default is <c>/agent</c>. Empty for none.</value>
    public string Prefix { get; set; } = AgentEndpointDefaults.Prefix;

    /// <summary>The path of the health endpoints: itself, <c>/live</c> and <c>/ready</c> below it.</summary>
    /// <value>The default is <c>/health</c>. <see langword="null"/> maps none.</value>
    public string? HealthPath { get; set; } = AgentEndpointDefaults.HealthPath;

    /// <summary>How many bytes the body of a request may have; more are answered with 413.</summary>
    /// <value>The default is 256 KiB.</value>
    public int MaxRequestBodyBytes { get; set; } = AgentEndpointDefaults.MaxRequestBodyBytes;

    /// <summary>How many characters a message may have.</summary>
    /// <value>The default is 100,000.</value>
    public int MaxMessageLength { get; set; } = AgentEndpointDefaults.MaxMessageLength;

    /// <summary>How long an event stream may be silent before it carries a comment that keeps proxies from closing it.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan PingInterval { get; set; } = AgentEndpointDefaults.PingInterval;

    /// <summary>How long the health endpoints wait for the store.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan HealthTimeout { get; set; } = AgentEndpointDefaults.HealthTimeout;

    /// <summary>The claim that holds the user's id.</summary>
    /// <value>The default is <see langword="null"/>: the first of <see cref="System.Security.Claims.ClaimTypes.NameIdentifier"/>, <c>sub</c> and the identity's name.</value>
    public string? UserIdClaimType { get; set; }

    /// <summary>The types of the claims that are stored with a run, so that a worker in another process acts with them.</summary>
    /// <value>The default is role, name and email, under their short names and under those of <see cref="System.Security.Claims.ClaimTypes"/>.</value>
    public IList<string> ClaimTypes { get; } =
    [
        "role", "name", "email", System.Security.Claims.ClaimTypes.Role, System.Security.Claims.ClaimTypes.Name, System.Security.Claims.ClaimTypes.Email,
    ];

    /// <summary>Reads the tenant of a request. Runs of another tenant are then as unknown as those of another user.</summary>
    /// <value>The default is <see langword="null"/>: the user is the tenant.</value>
    public Func<HttpContext, string?>? TenantIdSelector { get; set; }

    /// <summary>The authorization policy that whoever raises events for runs over HTTP must satisfy. It is asked with the run as its resource.</summary>
    /// <value>The default is <see langword="null"/>: the run's owner raises them. Set it where code trusts an event, such as that a payment came.</value>
    public string? EventPolicy { get; set; }

    internal UnauthenticatedAccess UnauthenticatedAccess { get; private set; }

    /// <summary>Lets the host start although the endpoints do not ask for authentication, for example behind a gateway that does.</summary>
    /// <returns>These options.</returns>
    public AgentEndpointOptions AllowUnauthenticated()
    {
        UnauthenticatedAccess = UnauthenticatedAccess.Allowed;
        return this;
    }

    /// <summary>
    /// Lets the host start although the endpoints do not ask for authentication, as long as every address it listens on is a loopback address.
    /// Requests that arrive on another address are answered with 403.
    /// </summary>
    /// <returns>These options.</returns>
    public AgentEndpointOptions AllowUnauthenticatedOnLoopback()
    {
        UnauthenticatedAccess = UnauthenticatedAccess.AllowedOnLoopback;
        return this;
    }
}
