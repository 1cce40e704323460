using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AgentHosting.Mcp.Tests;

/// <summary>The npm server over streamable HTTP, on one port, ended and started again at will.</summary>
internal sealed class EverythingHttpServer(string script) : IDisposable
{
    private readonly int _port = FreePort();
    private Process? _process;

    public Uri Url => new($"http://127.0.0.1:{_port}/mcp");

    public async Task StartAsync()
    {
        var info = NodeTools.Info("node", script, "streamableHttp");
        info.Environment["PORT"] = _port.ToString(CultureInfo.InvariantCulture);
        _process = NodeTools.Start(info);
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, _port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                // The port of another process tells of nothing: there is only asking again.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            }
        }
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
