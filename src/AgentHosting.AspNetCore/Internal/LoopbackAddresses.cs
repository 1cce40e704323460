using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Tells addresses that only this machine can reach from all others.</summary>
internal static class LoopbackAddresses
{
    /// <summary>What the server listens on. Empty for a server without addresses, such as one that lives in memory.</summary>
    public static IReadOnlyList<string> GetBound(IServiceProvider services) =>
        [.. services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>What the server is going to listen on, as far as it is known before it binds.</summary>
    public static IReadOnlyList<string> GetConfigured(IServiceProvider services)
    {
        var bound = GetBound(services);
        return bound.Count > 0
            ? bound
            : services.GetService<IConfiguration>()?[WebHostDefaults.ServerUrlsKey]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    public static void ThrowIfAnyOther(IReadOnlyList<string> addresses)
    {
        var others = addresses.Where(address => !IsLoopback(address)).ToList();
        if (others.Count > 0)
        {
            throw new InvalidOperationException(
                $"AllowUnauthenticatedOnLoopback() allows loopback addresses only, and the host listens on {string.Join(", ", others.Select(address => $"'{address}'"))}. "
                + "Listen on http://127.0.0.1:PORT or http://localhost:PORT, or call app.MapAgentHosting().RequireAuthorization().");
        }
    }

    /// <summary>
    /// Whether the request came in on a loopback address and was meant for one. The Host header counts too: a web page can make its own name
    /// resolve to 127.0.0.1 (DNS rebinding) and would then be of the same origin as this host.
    /// </summary>
    public static bool IsLoopback(HttpContext context) =>
        (context.Connection.LocalIpAddress is not { } local || IPAddress.IsLoopback(local))
        && (!context.Request.Host.HasValue || IsLoopbackHost(context.Request.Host.Host));

    public static bool IsLoopback(string address)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            // What cannot be understood cannot be known to be safe.
            return false;
        }

        return parsed.IsUnixPipe
            || parsed.IsNamedPipe
            || IsLoopbackHost(parsed.Host);
    }

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
