using System.Text;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>One cell of the fault matrix: a scripted provider, the official client, and a pipeline in front of it.</summary>
internal sealed class MatrixRun : IAsyncDisposable
{
    private readonly LocalModelServer _server;
    private readonly HttpClient _http;
    private readonly IChatClient _client;

    private MatrixRun(LocalModelServer server, Func<ChatClientBuilder, ChatClientBuilder> stages)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        _client = stages(new ChatClientBuilder(ProviderClients.OpenAI(server.Endpoint, _http))).Build();
    }

    /// <summary>How many requests the provider got.</summary>
    public int Requests => _server.CallCount;

    /// <summary>The time between the first two requests.</summary>
    public TimeSpan Pause => _server.Requests[1].StartedAt - _server.Requests[0].StartedAt;

    public static async Task<MatrixRun> StartAsync(Func<ChatClientBuilder, ChatClientBuilder> stages, params Func<ScriptedTurn>[] turns)
    {
        var server = new LocalModelServer(request => turns[Math.Min(request.CallIndex, turns.Length - 1)]());
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new MatrixRun(server, stages);
    }

    /// <summary>Calls once; what was seen is kept also when the call fails.</summary>
    public async Task<(string Text, Exception? Error)> CallAsync(bool streaming, CancellationToken cancellationToken)
    {
        var seen = new StringBuilder();
        try
        {
            return (await Calls.CollectAsync(_client, streaming, cancellationToken, seen), null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (seen.ToString(), exception);
        }
    }

    public async Task AssertNothingOpenAsync(CancellationToken cancellationToken)
    {
        await _server.WaitForIdleAsync(cancellationToken);
        _http.Dispose();
        await _server.WaitForConnectionsClosedAsync(cancellationToken);
        Assert.Equal(0, _server.InFlight);
        Assert.Equal(0, _server.OpenConnections);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
    }
}
