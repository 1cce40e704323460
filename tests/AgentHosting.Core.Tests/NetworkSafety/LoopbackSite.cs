using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentHosting.Core.Tests.NetworkSafety;

/// <summary>An HTTP/1.1 server on loopback that answers each path with what was set for it, and notes what it was asked.</summary>
internal sealed class LoopbackSite : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<string> _requests = [];
    private readonly Task _serving;

    public LoopbackSite()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads of the requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public LoopbackSite Answer(string path, string head, string body = "")
    {
        _answers[path] = $"HTTP/1.1 {head}\r\nConnection: close\r\n{(head.Contains("Transfer-Encoding", StringComparison.Ordinal) ? "" : $"Content-Length: {body.Length}\r\n")}\r\n{body}";
        return this;
    }

    public LoopbackSite RedirectTo(string path, string location, int status = 302) => Answer(path, $"{status} Moved\r\nLocation: {location}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (_stop.IsCancellationRequested && exception is OperationCanceledException or SocketException)
        {
            // Closed by the test.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, _stop.Token) > 0)
        {
            head.Append((char)buffer[0]);
        }

        var text = head.ToString();
        lock (_requests)
        {
            _requests.Add(text);
        }

        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(_answers[text.Split(' ')[1]]), _stop.Token);
        }
        catch (IOException)
        {
            // The client has read enough and left.
        }
    }
}
