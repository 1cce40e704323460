using System.Net.Http.Json;
using System.Text.Json;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>A started application on a real Kestrel at a free loopback port, with everything real but the model's answers.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private TestApp(WebApplication app)
    {
        App = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static WebApplication Build(
        IChatClient? model = null,
        Action<IServiceCollection>? services = null,
        Action<AgentEndpointOptions>? endpoints = null,
        Action<WebApplication>? map = null,
        string environment = "Development",
        string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        builder.Services.AddAgentHosting()
            .AddModel("mini", _ => model ?? new ScriptedChatClient(_ => ScriptedTurn.Stream("Hel", "lo ", "there").WithUsage(10, 5)), price => (price.InputPrice, price.OutputPrice) = (1m, 2m))
            .AddAgent("assistant");
        services?.Invoke(builder.Services);
        var app = builder.Build();
        if (url.Length > 0)
        {
            app.Urls.Add(url);
        }

        (map ?? (mapped => mapped.MapAgentHosting(endpoints)))(app);
        return app;
    }

    public static async Task<TestApp> StartAsync(
        IChatClient? model = null,
        Action<IServiceCollection>? services = null,
        Action<AgentEndpointOptions>? endpoints = null,
        Action<WebApplication>? map = null)
    {
        var app = Build(model, services, endpoints, map);
        await app.StartAsync(Token);
        return new TestApp(app);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"), headers);

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    public async Task<string> SubmitAsync(string json, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync("/agent/run", json, headers);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
        return (await ReadAsync(response)).GetProperty("task_id").GetString()!;
    }

    /// <summary>Reads the status until it is not <c>processing</c>; the store says when that may be.</summary>
    public async Task<JsonElement> WaitAsync(string taskId)
    {
        _ = await App.Services.GetRequiredService<AgentHosting.Runs.IAgentRunClient>().WaitAsync(taskId, Token);
        using var response = await GetAsync($"/agent/status/{taskId}");
        return await ReadAsync(response);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>(Token);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
    }
}
