using AgentHosting.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class MicrosoftHybridCacheTests : SharedCacheCompliance
{
    // What the documentation tells to watch, as the stage is told nothing.
    [Fact]
    public async Task GetResponse_StoreFails_OnlyTheLogOfTheCacheSaysSo()
    {
        var logs = new FakeLogCollector();
        var services = new ServiceCollection();
        using var provider = new FakeLoggerProvider(logs);
        services.AddLogging(logging => logging.AddProvider(provider));
        AddCache(services, new SharedStore { Fails = true });
        await using var built = services.BuildServiceProvider();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(model, cache: built.GetRequiredService<HybridCache>());
        await cache.AskAsync(false, "q");

        Assert.Equal(["miss"], cache.Results);
        Assert.Empty(cache.Logs.GetSnapshot());
        var errors = logs.GetSnapshot().Where(static log => log.Level == LogLevel.Error).ToList();
        Assert.Equal([6, 7], errors.Select(static log => log.Id.Id).Order());
        Assert.All(errors, static log => Assert.Equal("Microsoft.Extensions.Caching.Hybrid.HybridCache", log.Category));
    }

    protected override void AddCache(IServiceCollection services, IDistributedCache store) => services.AddSingleton(store).AddHybridCache();
}
