using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>Tells addresses of the public internet from all others: by the registries of special-purpose addresses of IANA, and the metadata services of clouds.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] RefusedV4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Azure's metadata and host services, the one such address among public ones.
        "168.63.129.16/32");

    // Of IPv6 only 2000::/3 is public, without these: protocol assignments with Teredo and ORCHID, documentation, 6to4.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] RefusedV6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Array.Exists(RefusedV4, network => network.Contains(address));
        }

        // Where a network translates to IPv4, the address behind counts.
        var behind = TranslatedTo(address);
        return Nat64.Contains(address) ? Is(behind!)
            : GlobalUnicast.Contains(address) && !Array.Exists(RefusedV6, network => network.Contains(address)) && (behind is null || Is(behind));
    }

    /// <summary>The IPv4 address that traffic to an IPv6 address ends at, by NAT64 or ISATAP (which keeps it behind 0:5efe in any prefix).</summary>
    public static IPAddress? TranslatedTo(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.TryWriteBytes(bytes, out _)
            && (Nat64.Contains(address) || (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) & 0xFDFF_FFFF) == 0x0000_5EFE)
            ? new IPAddress(bytes[12..]) : null;
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(static network => IPNetwork.Parse(network))];
}
