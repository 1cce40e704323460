using System.Globalization;
using System.Net;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>
/// A host, or all names below it, in the one form that all ways of writing it have in common: names as they go to a name server, in lower case and without the dot
/// of the root, addresses as .NET writes them, IPv4 for an IPv4 address inside an IPv6 one.
/// </summary>
internal sealed class HostPattern
{
    private const string Below = "*.";
    private readonly string _name;
    private readonly bool _isBelow;

    /// <exception cref="ArgumentException">It names no host, so it would match none.</exception>
    public HostPattern(string pattern, string option)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _isBelow = pattern.StartsWith(Below, StringComparison.Ordinal);
        var name = _isBelow ? pattern[Below.Length..] : pattern;
        _name = NameOf(name) ?? throw new ArgumentException(
            $"'{pattern}' in NetworkSafetyOptions.{option} names no host. Use a host (example.com) or all names below one (*.example.com), without scheme, port or path.", option);
        // What stands below an address is nothing.
        if (_isBelow && IPAddress.TryParse(_name, out _))
        {
            throw new ArgumentException($"'{pattern}' in NetworkSafetyOptions.{option} names nothing: there are no names below an address. Use the address, or DeniedNetworks.", option);
        }
    }

    /// <summary>The host of an address; empty where it has none.</summary>
    public static string NameOf(Uri uri) => NameOf(uri.IdnHost) ?? "";

    public bool Matches(string host) => _isBelow
        ? host.Length > _name.Length + 1 && host[^(_name.Length + 1)] == '.' && host.EndsWith(_name, StringComparison.OrdinalIgnoreCase)
        : host.Equals(_name, StringComparison.OrdinalIgnoreCase);

    private static string? NameOf(string host)
    {
        if (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address))
        {
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }

        try
        {
            // Without ICU (invariant globalization) the mapping keeps capitals beyond ASCII.
            // Names that are made for machines (a_b.internal) are no names to the standard, but there are such.
            var name = new IdnMapping { AllowUnassigned = true }.GetAscii(host.ToLowerInvariant()).TrimEnd('.');
            return name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
