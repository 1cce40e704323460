using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>A <c>redis-server</c> process of its own on a free port of loopback, with nothing in it, ended with the test.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string[] _settings;
    private Process _process;

    private RedisServer(Process process, int port, string folder, string[] settings)
    {
        _process = process;
        _settings = settings;
        Port = port;
        _folder = folder;
    }

    public int Port { get; }

    public string Endpoint => $"127.0.0.1:{Port}";

    /// <param name="settings">Further settings, such as <c>--appendonly yes</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        for (var attempt = 0; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("ah-redis-").FullName;
            var port = FreePort();
            var server = new RedisServer(Start(port, folder, settings), port, folder, settings);
            if (await server.IsUpAsync())
            {
                return server;
            }

            await server.DisposeAsync();
            if (attempt == 3)
            {
                throw new InvalidOperationException($"redis-server did not come up on a free port: {string.Join(' ', settings)}");
            }
        }
    }

    /// <summary>Starts a Sentinel, which is the same program with a file of settings that it writes to.</summary>
    public static async Task<RedisServer> StartSentinelAsync(params string[] lines)
    {
        var folder = Directory.CreateTempSubdirectory("ah-sentinel-").FullName;
        var file = Path.Combine(folder, "sentinel.conf");
        var port = FreePort();
        await File.WriteAllLinesAsync(file, [$"port {port}", "bind 127.0.0.1", $"dir {folder}", .. lines]);
        var server = new RedisServer(Start(file, "--sentinel"), port, folder, []);
        if (await server.IsUpAsync(CommandMap.Sentinel))
        {
            return server;
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("The Sentinel did not come up.");
    }

    /// <summary>Starts it where it was waited for.</summary>
    public static async Task<RedisServer> StartAtAsync(int port, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("ah-redis-").FullName;
        var server = new RedisServer(Start(port, folder, settings), port, folder, settings);
        return await server.IsUpAsync() ? server : throw new InvalidOperationException($"redis-server did not come up on port {port}.");
    }

    /// <summary>Ends it without a word, as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Stops it where it is: its connections stay, and it says nothing more.</summary>
    public void Freeze()
    {
        using var kill = Process.Start("kill", ["-STOP", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Ends it without a word, and starts it again with what it has on its disk.</summary>
    public async Task RestartAsync()
    {
        Kill();
        _process.Dispose();
        _process = Start(Port, _folder, _settings);
        Assert.True(await IsUpAsync(), "redis-server did not come up again.");
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Process Start(int port, string folder, string[] settings)
    {
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no", .. settings];
        return Start(arguments);
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException(
                "These tests need redis-server 6.2 or newer on PATH, and it is not there. Install it: apt-get install redis-server, dnf install redis, or brew install redis.", exception);
        }
    }

    private async Task<bool> IsUpAsync(CommandMap? commands = null)
    {
        var started = Stopwatch.StartNew();
        while (started.Elapsed < TimeSpan.FromSeconds(20) && !_process.HasExited)
        {
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(
                    $"{Endpoint},connectTimeout=1000,abortConnect=true", configuration => configuration.CommandMap = commands ?? CommandMap.Default);
                await connection.GetServer(Endpoint).PingAsync();
                return true;
            }
            catch (RedisException exception) when (exception is RedisConnectionException || exception.Message.StartsWith("LOADING", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        return false;
    }

    /// <summary>A port that nobody listens on now, and low enough for the bus of a cluster, which is 10,000 above.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            if (((IPEndPoint)listener.LocalEndpoint).Port is < 55_000 and var port)
            {
                return port;
            }
        }
    }
}
