using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>What was observed on the distributed cache of Microsoft.Extensions.AI, and must not happen here.</summary>
public sealed class PeerObservationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R1_OtherTools_OtherEntry(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        await cache.AskAsync(streaming, "q", new ChatOptions { Tools = [AIFunctionFactory.Create(static (string city) => city, "weather", "Tells the weather.")] });
        await cache.AskAsync(streaming, "q", new ChatOptions { Tools = [AIFunctionFactory.Create(static (string city) => city, "weather", "Tells the time.")] });
        await cache.AskAsync(streaming, "q", new ChatOptions { Tools = [AIFunctionFactory.Create(static (int city) => city, "weather", "Tells the weather.")] });
        await cache.AskAsync(streaming, "q");
        Assert.Equal(4, model.CallCount);

        await cache.AskAsync(streaming, "q", new ChatOptions { Tools = [AIFunctionFactory.Create(static (string city) => city, "weather", "Tells the weather.")] });
        Assert.Equal(4, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R2_FilteredAnswer_IsAskedForAgain_AndAnswersExpire(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("").WithFinishReason(ChatFinishReason.ContentFilter), ScriptedTurn.Text("x"), ScriptedTurn.Text("y"));
        using var cache = new CacheUnderTest(model);
        await cache.AskAsync(streaming, "q");
        Assert.Equal("x", (await cache.AskAsync(streaming, "q")).Text);
        cache.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("y", (await cache.AskAsync(streaming, "q")).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R3_TwentyAtOnce_OneCall(bool streaming)
    {
        var time = new FakeTimeProvider();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithDelay(TimeSpan.FromSeconds(1))) { TimeProvider = time };
        using var cache = new CacheUnderTest(model);
        var calls = Enumerable.Range(0, 20).Select(_ => cache.AskAsync(streaming, "q")).ToList();
        time.Advance(TimeSpan.FromSeconds(1));
        var responses = await Task.WhenAll(calls);

        Assert.Equal(1, model.CallCount);
        Assert.All(responses, static response => Assert.Equal("x", response.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R4_StoreDown_RequestSucceeds(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(model, cache: new DeadHybridCache());

        Assert.Equal("x", (await cache.AskAsync(streaming, "q")).Text);
        Assert.Contains("error", cache.Results);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R5_Hit_IsMarkedAndReportsNoUsage(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(100, 10));
        using var cache = new CacheUnderTest(model);
        var asked = await cache.AskAsync(streaming, "q");
        var hit = await cache.AskAsync(streaming, "q");

        Assert.Equal(110, asked.Usage!.TotalTokenCount + hit.Usage!.TotalTokenCount);
        Assert.Equal("hit", hit.AdditionalProperties![ResponseCacheProperties.Result]);
        Assert.Equal(110, ((UsageDetails)hit.AdditionalProperties[ResponseCacheProperties.OriginalUsage]!).TotalTokenCount);
    }

    private sealed class DeadHybridCache : HybridCache
    {
        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new IOException("no connection");

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new IOException("no connection");

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;
    }
}
