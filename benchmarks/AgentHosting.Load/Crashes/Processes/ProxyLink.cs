using System.Net;
using System.Net.Sockets;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>One connection through a <see cref="RedisProxy"/>.</summary>
internal sealed class ProxyLink(Socket client, RedisProxy proxy) : IDisposable
{
    private const int PieceOfSlow = 50;
    private static readonly TimeSpan PauseOfSlow = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _isForgotten;
    private bool _hasLostReplies;

    public bool IsForgotten
    {
        get => _isForgotten;
        set => _isForgotten = value;
    }

    private bool IsSilent => _isForgotten || proxy.Weather == ProxyWeather.Silent;

    public async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        client.NoDelay = true;
        await UntilHeardAsync(cancellationToken);
        await _server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        // Whichever ends first ends the other.
        await await Task.WhenAny(PumpAsync(client, _server, isReply: false, cancellationToken), PumpAsync(_server, client, isReply: true, cancellationToken));
    }

    public void Dispose() => Cut();

    /// <summary>Ends both sides with a reset.</summary>
    public void Cut()
    {
        foreach (var socket in new[] { client, _server })
        {
            try
            {
                // A reset, and nothing that is on its way arrives.
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It is closed already.
            }

            socket.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isReply, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var count = await from.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
            {
                return;
            }

            await UntilHeardAsync(cancellationToken);
            if (isReply && (_hasLostReplies || proxy.Weather == ProxyWeather.RepliesLost))
            {
                // A stream with a hole in it would be another stream: no reply comes any more.
                _hasLostReplies = true;
                continue;
            }

            if (proxy.Weather == ProxyWeather.Delayed)
            {
                await Task.Delay(proxy.NextDelay(), TimeProvider.System, cancellationToken);
            }

            await SendAsync(to, buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes;
            if (proxy.Weather == ProxyWeather.Slow)
            {
                await Task.Delay(PauseOfSlow, TimeProvider.System, cancellationToken);
                piece = bytes[..Math.Min(PieceOfSlow, bytes.Length)];
            }

            await UntilHeardAsync(cancellationToken);
            bytes = bytes[await to.SendAsync(piece, cancellationToken)..];
        }
    }

    private async Task UntilHeardAsync(CancellationToken cancellationToken)
    {
        while (IsSilent)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            if (client.Poll(0, SelectMode.SelectError))
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }
}
