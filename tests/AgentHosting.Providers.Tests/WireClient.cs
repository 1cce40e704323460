using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

/// <summary>A scripted provider on a socket and the official client, without retries of its own, on a handler of its own.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    // What is left open shows as a failed assertion, not as a test that hangs.
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private WireClient(LocalModelServer server)
    {
        Server = server;
        Chat = ProviderClients.OpenAI(server.Endpoint, _http);
    }

    public LocalModelServer Server { get; }

    public IChatClient Chat { get; }

    public static async Task<WireClient> StartAsync(Func<ScriptedRequest, ScriptedTurn> script)
    {
        var server = new LocalModelServer(script);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new WireClient(server);
    }

    /// <summary>Counts at the server: no request in flight, and no connection once the pool of idle ones is closed.</summary>
    public async Task AssertNothingOpenAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(CloseWithin);
        try
        {
            await Server.WaitForIdleAsync(limit.Token);
            _http.Dispose();
            await Server.WaitForConnectionsClosedAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"After {CloseWithin} {Server.InFlight} requests are in flight and {Server.OpenConnections} connections open.");
        }

        Assert.Equal((0, 0), (Server.InFlight, Server.OpenConnections));
    }

    public async ValueTask DisposeAsync()
    {
        Chat.Dispose();
        _http.Dispose();
        await Server.DisposeAsync();
    }
}
