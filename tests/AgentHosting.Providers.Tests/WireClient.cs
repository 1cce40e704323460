using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentHosting.Providers.Tests;

/// <summary>A scripted provider on a socket and the official client, without retries of its own, on a handler of its own.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private WireClient(LocalModelServer server)
    {
        Server = server;
        var options = new OpenAIClientOptions
        {
            Endpoint = server.Endpoint,
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            Transport = new HttpClientPipelineTransport(_http),
        };
        Chat = new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient("m").AsIChatClient();
    }

    public LocalModelServer Server { get; }

    public IChatClient Chat { get; }

    public static async Task<WireClient> StartAsync(Func<ScriptedRequest, ScriptedTurn> script)
    {
        var server = new LocalModelServer(script);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new WireClient(server);
    }

    /// <summary>Calls once and keeps what was seen, also when the call fails.</summary>
    /// <param name="client">The pipeline.</param>
    /// <param name="streaming">The shape.</param>
    /// <param name="giveUpAfter">The caller cancels once it has seen this; <see langword="null"/> never.</param>
    /// <param name="started">Awaited before the caller cancels.</param>
    public static async Task<(string Text, Exception? Error)> CallAsync(
        IChatClient client, bool streaming, string? giveUpAfter = null, Task? started = null)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new StringBuilder();
        See("");
        var reading = ReadAsync();
        if (giveUpAfter is not null)
        {
            await reached.Task.WaitAsync(cancel.Token);
            await (started ?? Task.CompletedTask);
            await cancel.CancelAsync();
        }

        var error = await Record.ExceptionAsync(() => reading);
        return (seen.ToString(), error);

        void See(string text)
        {
            seen.Append(text);
            if (seen.ToString() == giveUpAfter)
            {
                reached.TrySetResult();
            }
        }

        async Task ReadAsync()
        {
            if (!streaming)
            {
                See((await client.GetResponseAsync("hi", cancellationToken: cancel.Token)).Text);
                return;
            }

            await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token))
            {
                See(update.Text);
            }
        }
    }

    public async Task AssertNothingOpenAsync()
    {
        var token = TestContext.Current.CancellationToken;
        await Server.WaitForIdleAsync(token);
        _http.Dispose();
        await Server.WaitForConnectionsClosedAsync(token);
        Assert.Equal((0, 0), (Server.InFlight, Server.OpenConnections));
    }

    public async ValueTask DisposeAsync()
    {
        Chat.Dispose();
        _http.Dispose();
        await Server.DisposeAsync();
    }
}
