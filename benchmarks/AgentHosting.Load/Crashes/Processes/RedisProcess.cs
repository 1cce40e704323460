using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentHosting.Load.Crashes.Processes;

/// <summary>A <c>redis-server</c> with append-only file on a free port of loopback. It ends with this object, and when this process is gone.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private readonly RedisStart _start;
    private readonly int _port;
    // The shell waits for the end of its input, which is the end of this process, and then ends the server.
    private Process? _guard;
    private int _serverId;

    private RedisProcess(string folder, RedisStart start, int port)
    {
        _folder = folder;
        _start = start;
        _port = port;
    }

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public int Port => _port;

    public int Id => _serverId;

    public static Task<RedisProcess> StartAsync(string folder, CancellationToken cancellationToken) => StartAsync(folder, new RedisStart(), cancellationToken);

    public static async Task<RedisProcess> StartAsync(string folder, RedisStart start, CancellationToken cancellationToken)
    {
        var redis = new RedisProcess(Directory.CreateDirectory(Path.Combine(folder, start.Name)).FullName, start, FreePort());
        try
        {
            await redis.StartAsync(cancellationToken);
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server on the data that it has.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => StartWithAsync("", cancellationToken);

    /// <summary>Starts the server on the data that it has, with further settings.</summary>
    public async Task StartWithAsync(string arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        var server = string.Create(
            CultureInfo.InvariantCulture,
            $"{_start.Before}redis-server --port {_port} --bind 127.0.0.1 --dir '{_folder}' --save '' --appendonly yes --appendfsync everysec --logfile '{_folder}/redis.log' --daemonize no {_start.Arguments} {arguments}");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"{server} </dev/null >/dev/null & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait");
        _guard = Process.Start(start) ?? throw new InvalidOperationException("sh did not start.");
        _serverId = int.Parse((await _guard.StandardOutput.ReadLineAsync(cancellationToken))!, CultureInfo.InvariantCulture);
        var started = Stopwatch.StartNew();
        while (!await IsUpAsync(cancellationToken))
        {
            if (started.Elapsed > StartTimeout)
            {
                throw new InvalidOperationException($"redis-server did not come up. Is redis-server 6.2 or newer on PATH? Its log: {_folder}/redis.log");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends the server as <c>kill -9</c> does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await ShellCommand.RunAsync(string.Create(CultureInfo.InvariantCulture, $"kill -9 {_serverId}"), cancellationToken);
        await EndGuardAsync();
    }

    public async ValueTask DisposeAsync() => await EndGuardAsync();

    private async Task EndGuardAsync()
    {
        if (_guard is { } guard)
        {
            _guard = null;
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }
    }

    private async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var buffer = new byte[64];
            // One that is still loading its file says so.
            return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, cancellationToken)).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
