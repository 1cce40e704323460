using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>
/// Keeps agents from being served to everybody by mistake. It is metadata of the endpoints of one mapping, by which it finds them again
/// when all conventions are known, and it refuses requests until it has found them to be in order.
/// </summary>
internal sealed partial class EndpointExposure(IEndpointRouteBuilder endpoints, AgentEndpointOptions options)
{
    private readonly IServiceProvider _services = endpoints.ServiceProvider;
    private volatile EndpointExposureState _state = EndpointExposureState.Unchecked;

    public EndpointExposureState State => _state;

    public void AddTo(AgentHostingStartupChecks checks)
    {
        checks.AddBeforeStart(CheckBeforeStartAsync);
        checks.AddAfterStart(CheckAfterStartAsync);
    }

    private async ValueTask CheckBeforeStartAsync(CancellationToken cancellationToken)
    {
        // A group does not know the conventions of the groups around it, and other builders may be wrapped too. For those the check after
        // the start decides, over the data source of the whole application; until then their requests are refused.
        if (endpoints is not WebApplication)
        {
            return;
        }

        var unauthenticated = await FindUnauthenticatedAsync(endpoints.DataSources.SelectMany(source => source.Endpoints));
        ThrowIfRefused(unauthenticated);
        if (unauthenticated.Count > 0 && options.UnauthenticatedAccess == UnauthenticatedAccess.AllowedOnLoopback)
        {
            LoopbackAddresses.ThrowIfAnyOther(LoopbackAddresses.GetConfigured(_services));
            _state = EndpointExposureState.OpenOnLoopback;
            return;
        }

        _state = EndpointExposureState.Open;
    }

    private async ValueTask CheckAfterStartAsync(CancellationToken cancellationToken)
    {
        // Disposing the host is what closes the port; whoever starts it without doing so still serves nothing.
        _state = EndpointExposureState.Unchecked;
        var unauthenticated = await FindUnauthenticatedAsync(_services.GetRequiredService<EndpointDataSource>().Endpoints);
        ThrowIfRefused(unauthenticated);
        if (unauthenticated.Count == 0)
        {
            _state = EndpointExposureState.Open;
            return;
        }

        switch (options.UnauthenticatedAccess)
        {
            case UnauthenticatedAccess.AllowedOnLoopback:
                LoopbackAddresses.ThrowIfAnyOther(LoopbackAddresses.GetBound(_services));
                _state = EndpointExposureState.OpenOnLoopback;
                break;
            case UnauthenticatedAccess.Refused:
                LogUnauthenticated(_services.GetRequiredService<ILogger<EndpointExposure>>(), string.Join(", ", unauthenticated));
                _state = EndpointExposureState.Open;
                break;
            default:
                _state = EndpointExposureState.Open;
                break;
        }
    }

    private void ThrowIfRefused(List<string> unauthenticated)
    {
        if (unauthenticated.Count > 0
            && options.UnauthenticatedAccess == UnauthenticatedAccess.Refused
            && _services.GetRequiredService<IHostEnvironment>().IsProduction())
        {
            throw new InvalidOperationException(
                $"These agent endpoints do not ask for authentication, so the host does not start in Production: {string.Join(", ", unauthenticated)}. "
                + "Call app.MapAgentHosting().RequireAuthorization(), or set a fallback policy. If it is meant, say so: "
                + "app.MapAgentHosting(o => o.AllowUnauthenticatedOnLoopback()) for this machine alone, app.MapAgentHosting(o => o.AllowUnauthenticated()) for everybody.");
        }
    }

    private async ValueTask<List<string>> FindUnauthenticatedAsync(IEnumerable<Endpoint> all)
    {
        // No provider means that AddAuthorization() was not called, and then no fallback policy is applied.
        var policies = _services.GetService<IAuthorizationPolicyProvider>();
        var hasFallback = policies is not null && await policies.GetFallbackPolicyAsync() is not null;
        var unauthenticated = new List<string>();
        foreach (var endpoint in all)
        {
            if (endpoint.Metadata.GetMetadata<EndpointExposure>() == this && !AsksForAuthentication(endpoint.Metadata, hasFallback))
            {
                unauthenticated.Add(endpoint is RouteEndpoint route ? $"'{route.RoutePattern.RawText}'" : $"'{endpoint.DisplayName}'");
            }
        }

        return unauthenticated;
    }

    private static bool AsksForAuthentication(EndpointMetadataCollection metadata, bool hasFallback) =>
        metadata.GetMetadata<IAllowAnonymous>() is null
        && (hasFallback
            || metadata.GetMetadata<IAuthorizeData>() is not null
            || metadata.GetMetadata<AuthorizationPolicy>() is not null
            || metadata.GetMetadata<IAuthorizationRequirementData>() is not null);

    [LoggerMessage(
        EventIds.UnauthenticatedEndpoints,
        LogLevel.Warning,
        "These agent endpoints do not ask for authentication: {Endpoints}. In Production the host would refuse to start. "
        + "Call RequireAuthorization() on what MapAgentHosting() returns, or say that it is meant with AllowUnauthenticatedOnLoopback() or AllowUnauthenticated().",
        EventName = "UnauthenticatedEndpoints")]
    private static partial void LogUnauthenticated(ILogger logger, string endpoints);
}
