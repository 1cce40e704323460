using AgentHosting.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace AgentHosting.Mcp.Tests;

/// <summary>A started host with everything real but the model's answers.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public FakeLogCollector Logs => Services.GetFakeLogCollector();

    public static IHost Build(Action<IAgentHostingBuilder> configure, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Logging.ClearProviders().AddFakeLogging();
        configure(builder.Services.AddAgentHosting());
        return builder.Build();
    }

    public static async Task<TestHost> StartAsync(Action<IAgentHostingBuilder> configure, params (string Key, string? Value)[] settings)
    {
        var host = Build(configure, settings);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TestHost(host);
    }

    public async Task<AgentRun> RunAsync(string message)
    {
        var client = Services.GetRequiredService<IAgentRunClient>();
        var submission = await client.SubmitAsync(new AgentRunRequest { Message = message }, TestContext.Current.CancellationToken);
        return (await client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken))!;
    }

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
