using System.Net;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>Decides about the address of a request, and about what it resolves to.</summary>
internal sealed class NetworkRules
{
    private readonly string[] _schemes;
    private readonly int[] _ports;
    private readonly string[] _allowedHosts;
    private readonly string[] _deniedHosts;
    private readonly IPNetwork[] _allowedNetworks;
    private readonly IPNetwork[] _deniedNetworks;

    public NetworkRules(NetworkSafetyOptions options)
    {
        _schemes = [.. options.AllowedSchemes];
        _ports = [.. options.AllowedPorts];
        _allowedHosts = [.. options.AllowedHosts];
        _deniedHosts = [.. options.DeniedHosts];
        _allowedNetworks = [.. options.AllowedNetworks];
        _deniedNetworks = [.. options.DeniedNetworks];
    }

    /// <exception cref="NetworkAccessDeniedException">The address is refused.</exception>
    public void Check(Uri? uri)
    {
        if (uri is not { IsAbsoluteUri: true })
        {
            throw new NetworkAccessDeniedException("The request has no absolute address.");
        }

        var host = NameOf(uri);
        var why = !_schemes.Contains(uri.Scheme, StringComparer.OrdinalIgnoreCase) ? $"the scheme '{uri.Scheme}' is not allowed"
            : uri.UserInfo.Length > 0 ? "its address holds a user name or password"
            : _ports.Length > 0 && !_ports.Contains(uri.Port) ? $"port {uri.Port} is not allowed"
            : host.Length == 0 ? "it names no host"
            : Array.Exists(_deniedHosts, pattern => Matches(pattern, host)) ? "the host is denied"
            : _allowedHosts.Length > 0 && !Array.Exists(_allowedHosts, pattern => Matches(pattern, host)) ? "the host is not among those that are allowed"
            : null;
        if (why is not null)
        {
            throw new NetworkAccessDeniedException($"The request to '{host}' was refused: {why}.") { Host = host };
        }
    }

    /// <summary>
    /// Checks all that a host resolves to. One address that is refused refuses the host: a name that answers with public and private addresses at once is an attack or a mistake.
    /// </summary>
    /// <exception cref="NetworkAccessDeniedException">An address is refused.</exception>
    public void Check(string host, IReadOnlyList<IPAddress> addresses)
    {
        foreach (var address in addresses)
        {
            if (!IsAllowed(address))
            {
                throw new NetworkAccessDeniedException($"The request to '{host}' was refused: the host is not on the public network.") { Host = host, Address = address };
            }
        }
    }

    private bool IsAllowed(IPAddress address)
    {
        // A network is meant for an address in whatever form it comes.
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Array.Exists(_deniedNetworks, network => network.Contains(address))
            && (PublicAddress.Is(address) || Array.Exists(_allowedNetworks, network => network.Contains(address)));
    }

    private static string NameOf(Uri uri) => uri.IdnHost.TrimEnd('.');

    private static bool Matches(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
