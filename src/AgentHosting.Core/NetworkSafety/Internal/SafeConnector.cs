using System.Net;
using System.Net.Sockets;

namespace AgentHosting.NetworkSafety.Internal;

/// <summary>Resolves a host once, checks what comes back, and connects to those very addresses: a second answer of its name server has no effect.</summary>
internal sealed class SafeConnector(
    NetworkRules rules,
    Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    Func<IPAddress, int, CancellationToken, ValueTask<Stream>> connect)
{
    public static Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);

    public static async ValueTask<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host.AsSpan().Trim("[]"), out var literal) ? [literal] : await resolve(host, cancellationToken);
        rules.Check(host, addresses);
        Exception? failed = null;
        foreach (var address in addresses)
        {
            try
            {
                return await connect(address, port, cancellationToken);
            }
            catch (SocketException exception)
            {
                failed = exception;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, $"'{host}' could not be reached.", failed);
    }
}
