using System.Collections.Concurrent;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>Hosts that share a cache and call other providers' models by the same name.</summary>
public sealed class ResponseCacheProviderTests
{
    [Theory]
    [InlineData("small", "a", "b", false)]
    [InlineData("large", "a", "b", false)]
    [InlineData("large", "a", "a", true)]
    [InlineData(null, "a", "b", true)]
    public async Task GetResponse_ModelOfOtherProviderWithTheSameName_AsksForItself(string? model, string provider, string otherProvider, bool shares)
    {
        var shared = new DictionaryHybridCache();
        var options = new ChatOptions { ModelId = model };
        await using var one = Host(provider, shared);
        await using var other = Host(otherProvider, shared);
        await Client(one).GetResponseAsync("hi", options, TestContext.Current.CancellationToken);
        var answer = await Client(other).GetResponseAsync("hi", options, TestContext.Current.CancellationToken);

        Assert.Equal(shares, answer.AdditionalProperties?.ContainsKey(ResponseCacheProperties.Result) == true);
    }

    private static IChatClient Client(ServiceProvider services) =>
        new ChatClientBuilder(new ModelCatalogChatClient(services.GetRequiredService<IModelCatalog>())).UseResponseCache().Build(services);

    // The first model is the default one; it is the same everywhere.
    private static ServiceProvider Host(string provider, HybridCache shared)
    {
        var services = new ServiceCollection();
        services.AddSingleton(shared);
        services.AddAgentHosting()
            .AddModel("first", static _ => Model("common"))
            .AddModel("small", _ => Model(provider))
            .AddModel("large", _ => Model(provider))
            .AddResponseCache(static options => options.SizeLimit = 0);
        return services.BuildServiceProvider();
    }

    private static ProviderChatClient Model(string provider) => new(new ScriptedChatClient(ScriptedTurn.Text(provider)) { Repeat = true }, provider);

    private sealed class ProviderChatClient(IChatClient inner, string provider) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(provider, null, "model") : base.GetService(serviceType, serviceKey);
    }

    private sealed class DictionaryHybridCache : HybridCache
    {
        private readonly ConcurrentDictionary<string, object?> _entries = new();

        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            new((T)_entries.GetValueOrDefault(key)!);

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
        {
            _entries[key] = value;
            return default;
        }

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;
    }
}
