using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>A bad network between a worker and Redis, on a free port of loopback.</summary>
internal sealed class RedisProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxyLink, byte> _links = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly int _target;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private volatile ProxyWeather _weather;

    /// <param name="target">The port of Redis.</param>
    /// <param name="random">The dice of delays.</param>
    public RedisProxy(int target, Random random)
    {
        _target = target;
        _random = random;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public ProxyWeather Weather
    {
        get => _weather;
        set => _weather = value;
    }

    /// <summary>How long a delayed piece takes.</summary>
    public TimeSpan NextDelay()
    {
        lock (_lock)
        {
            return TimeSpan.FromMilliseconds(_random.Next(100, 500));
        }
    }

    /// <summary>Ends all connections with a reset.</summary>
    public void Cut()
    {
        foreach (var link in _links.Keys)
        {
            link.Cut();
        }
    }

    /// <summary>Leaves all connections open and never passes on anything of them again, as if the other side were gone for good.</summary>
    public void Forget()
    {
        foreach (var link in _links.Keys)
        {
            link.IsForgotten = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync(_ended.Token);
            _ = ServeAsync(new ProxyLink(client, this), _ended.Token);
        }
    }

    private async Task ServeAsync(ProxyLink link, CancellationToken cancellationToken)
    {
        _links[link] = 0;
        try
        {
            await link.RunAsync(_target, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two sides has ended; so does the other.
        }
        finally
        {
            _links.TryRemove(link, out _);
            link.Dispose();
        }
    }
}
