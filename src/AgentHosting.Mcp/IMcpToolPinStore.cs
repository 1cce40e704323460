namespace AgentHosting.Mcp;

/// <summary>Keeps the fingerprint of each tool as it was when it was first seen, or last accepted.</summary>
public interface IMcpToolPinStore
{
    /// <summary>Gets a pin, or sets it if there is none: one atomic step.</summary>
    /// <param name="server">The server's name.</param>
    /// <param name="tool">The tool's name.</param>
    /// <param name="fingerprint">What to pin if nothing is.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>What is pinned now.</returns>
    ValueTask<string> GetOrAddAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken);

    /// <summary>Pins an accepted definition in place of the former.</summary>
    /// <param name="server">The server's name.</param>
    /// <param name="tool">The tool's name.</param>
    /// <param name="fingerprint">The fingerprint.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    ValueTask SetAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken);
}
