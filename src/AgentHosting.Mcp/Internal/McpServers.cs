using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// The servers of the host, each made once. It is stopped after all services of the host have stopped, since runs that end meanwhile still use their tools.
/// </summary>
internal sealed class McpServers(IServiceProvider services) : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<McpToolSource>> _servers = new(StringComparer.Ordinal);

    public McpToolSource Get(string name) => _servers.GetOrAdd(name, static (name, services) => new Lazy<McpToolSource>(() =>
    {
        var monitor = services.GetRequiredService<IOptionsMonitor<McpServerOptions>>();
        return new McpToolSource(name, () => monitor.Get(name), services);
    }), services).Value;

    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_servers.Values.Where(static server => server.IsValueCreated).Select(static server => server.Value.DisposeAsync().AsTask()));

    // Containers that are disposed without waiting throw for services that can only be disposed so.
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
