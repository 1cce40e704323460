using System.Net;

namespace AgentHosting.NetworkSafety;

/// <summary>Where <see cref="NetworkSafetyHandler"/> may connect to. Read once, when the handler is created.</summary>
public class NetworkSafetyOptions
{
    /// <summary>The schemes that are allowed.</summary>
    /// <value>The default is <c>https</c> and <c>http</c>. A redirect from the first to the second is refused in any case.</value>
    public IList<string> AllowedSchemes { get; } = ["https", "http"];

    /// <summary>The ports that are allowed. Empty means all.</summary>
    /// <value>The default is 443 and 80.</value>
    public IList<int> AllowedPorts { get; } = [443, 80];

    /// <summary>The only hosts that are allowed, by name (<c>example.com</c>) or with all names below (<c>*.example.com</c>), in Unicode or punycode. Empty means all.</summary>
    /// <value>The default is empty. The addresses of an allowed host are checked as those of any other.</value>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Hosts that are refused, by name or with all names below, in Unicode or punycode. Wins over <see cref="AllowedHosts"/>.</summary>
    /// <value>The default is empty.</value>
    public IList<string> DeniedHosts { get; } = [];

    /// <summary>Networks that are allowed though they are not public, for tools that are meant to reach them.</summary>
    /// <value>The default is empty.</value>
    public IList<IPNetwork> AllowedNetworks { get; } = [];

    /// <summary>Networks that are refused though they are public, also behind addresses that are translated to them. Wins over <see cref="AllowedNetworks"/>.</summary>
    /// <value>The default is empty.</value>
    public IList<IPNetwork> DeniedNetworks { get; } = [];

    /// <summary>How many redirects are followed. More are an error.</summary>
    /// <value>The default is 5; 0 follows none, and a redirect is then the response.</value>
    public int MaxRedirects { get; set; } = 5;

    /// <summary>The largest body of a response, in bytes, after decompression.</summary>
    /// <value>The default is 10 MiB.</value>
    public long MaxResponseBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>How long name resolution and connecting may take.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
