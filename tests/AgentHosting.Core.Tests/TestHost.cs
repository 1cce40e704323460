using AgentHosting.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Core.Tests;

/// <summary>A started host with everything real but the model's answers.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IAgentRunClient Client => Services.GetRequiredService<IAgentRunClient>();

    public IRunStore Store => Services.GetRequiredService<IRunStore>();

    public static IHost Build(Action<IAgentHostingBuilder> configure, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Logging.ClearProviders();
        configure(builder.Services.AddAgentHosting());
        return builder.Build();
    }

    public static async Task<TestHost> StartAsync(Action<IAgentHostingBuilder> configure, params (string Key, string? Value)[] settings)
    {
        var host = Build(configure, settings);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TestHost(host);
    }

    public async Task<AgentRun> RunAsync(string message, string? sessionId = null, string? agent = null)
    {
        var submission = await Client.SubmitAsync(
            new AgentRunRequest { Message = message, SessionId = sessionId, Agent = agent }, TestContext.Current.CancellationToken);
        return (await Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken))!;
    }

    public async Task<List<AgentRunEvent>> EventsAsync(string runId)
    {
        var events = new List<AgentRunEvent>();
        await foreach (var runEvent in Client.WatchAsync(runId, 0, TestContext.Current.CancellationToken))
        {
            events.Add(runEvent);
        }

        return events;
    }

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
