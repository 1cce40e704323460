using AgentHosting.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class FusionCacheTests : SharedCacheCompliance
{
    [Fact]
    public async Task GetResponse_StoreFailsAndTheCacheSaysSo_IsCountedAndLeftAlone()
    {
        var services = new ServiceCollection();
        AddCache(services, new SharedStore { Fails = true }, static options => options.ReThrowDistributedCacheExceptions = true);
        await using var provider = services.BuildServiceProvider();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model, cache: provider.GetRequiredService<HybridCache>());
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("x", (await cache.AskAsync(false, $"q{i}")).Text);
        }

        Assert.Equal(5, cache.Results.Count(static result => result == "error"));
        Assert.Single(cache.Logs.GetSnapshot(), static log => log.Id.Id == 1702);
    }

    protected override void AddCache(IServiceCollection services, IDistributedCache store) => AddCache(services, store, static _ => { });

    // Fail-safe gives out what has expired; the stage must not.
    private static void AddCache(IServiceCollection services, IDistributedCache store, Action<FusionCacheEntryOptions> configure) => services.AddFusionCache()
        .WithDefaultEntryOptions(options => configure(options.SetFailSafe(true)))
        .WithDistributedCache(store)
        .WithSerializer(new FusionCacheSystemTextJsonSerializer())
        .AsHybridCache();
}
