using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentHosting.Testing.Tests;

/// <summary>The official SDK, without retries, on a handler of its own, so that disposing it closes the connections.</summary>
internal sealed class TestClients : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public TestClients(LocalModelServer server, string model = "m")
    {
        Server = server;
        var options = new OpenAIClientOptions
        {
            Endpoint = server.Endpoint,
            RetryPolicy = new ClientRetryPolicy(0),
            Transport = new HttpClientPipelineTransport(_http),
        };
        Chat = new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient(model).AsIChatClient();
    }

    public LocalModelServer Server { get; }

    public IChatClient Chat { get; }

    public HttpClient Http => _http;

    public void Dispose()
    {
        Chat.Dispose();
        _http.Dispose();
    }

    public static async Task<TestClients> StartAsync(LocalModelServer server)
    {
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new TestClients(server);
    }
}
