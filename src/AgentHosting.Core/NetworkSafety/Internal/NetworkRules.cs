using System.Net;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>Decides about the address of a request, and about what it resolves to.</summary>
internal sealed class NetworkRules
{
    // ::ffff:0:0/96 is all of IPv4.
    private const int MappedPrefix = 96;
    private readonly string[] _schemes;
    private readonly int[] _ports;
    private readonly HostPattern[] _allowedHosts;
    private readonly HostPattern[] _deniedHosts;
    private readonly IPNetwork[] _allowedNetworks;
    private readonly IPNetwork[] _deniedNetworks;

    /// <exception cref="ArgumentException">A host is none.</exception>
    public NetworkRules(NetworkSafetyOptions options)
    {
        _schemes = [.. options.AllowedSchemes];
        _ports = [.. options.AllowedPorts];
        _allowedHosts = [.. options.AllowedHosts.Select(static host => new HostPattern(host, nameof(options.AllowedHosts)))];
        _deniedHosts = [.. options.DeniedHosts.Select(static host => new HostPattern(host, nameof(options.DeniedHosts)))];
        _allowedNetworks = [.. options.AllowedNetworks.Select(Unmapped)];
        _deniedNetworks = [.. options.DeniedNetworks.Select(Unmapped)];
    }

    /// <exception cref="NetworkAccessDeniedException">The address is refused.</exception>
    public void Check(Uri? uri)
    {
        if (uri is not { IsAbsoluteUri: true })
        {
            throw new NetworkAccessDeniedException("The request has no absolute address.");
        }

        var host = HostPattern.NameOf(uri);
        var why = !_schemes.Contains(uri.Scheme, StringComparer.OrdinalIgnoreCase) ? $"the scheme '{uri.Scheme}' is not allowed"
            : uri.UserInfo.Length > 0 ? "its address holds a user name or password"
            : _ports.Length > 0 && !_ports.Contains(uri.Port) ? $"port {uri.Port} is not allowed"
            : host.Length == 0 ? "it names no host"
            : Array.Exists(_deniedHosts, pattern => pattern.Matches(host)) ? "the host is denied"
            : _allowedHosts.Length > 0 && !Array.Exists(_allowedHosts, pattern => pattern.Matches(host)) ? "the host is not among those that are allowed"
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
        return !IsDenied(address)
            && !(PublicAddress.TranslatedTo(address) is { } behind && IsDenied(behind))
            && (PublicAddress.Is(address) || Array.Exists(_allowedNetworks, network => network.Contains(address)));
    }

    private bool IsDenied(IPAddress address) => Array.Exists(_deniedNetworks, network => network.Contains(address));

    private static IPNetwork Unmapped(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix) : network;
}
