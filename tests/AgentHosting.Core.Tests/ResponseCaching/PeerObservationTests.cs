using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>
/// What was observed on the distributed cache of Microsoft.Extensions.AI, and must not happen here. Each test runs that cache too, so that it tells when the
/// observation no longer holds.
/// </summary>
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

        using var peer = new PeerCache(ScriptedTurn.Text("x"));
        await peer.AskAsync(streaming, new ChatOptions { Tools = [AIFunctionFactory.Create(static (string city) => city, "weather")] });
        await peer.AskAsync(streaming, new ChatOptions { Tools = [AIFunctionFactory.Create(static (int amount) => amount, "pay")] });
        Assert.Equal(1, peer.Model.CallCount);
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

        using var peer = new PeerCache(ScriptedTurn.Text("").WithFinishReason(ChatFinishReason.ContentFilter));
        await peer.AskAsync(streaming);
        Assert.Equal(ChatFinishReason.ContentFilter, (await peer.AskAsync(streaming)).FinishReason);
        Assert.Equal(1, peer.Model.CallCount);
        Assert.Equal((null, null, null), (peer.Store.Entry!.AbsoluteExpiration, peer.Store.Entry.AbsoluteExpirationRelativeToNow, peer.Store.Entry.SlidingExpiration));
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

        using var peer = new PeerCache(ScriptedTurn.Text("x").WithDelay(TimeSpan.FromSeconds(1)), time);
        var others = Enumerable.Range(0, 20).Select(_ => peer.AskAsync(streaming)).ToList();
        await peer.Model.WaitForRequestsAsync(20, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(others);
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

        using var peer = new PeerCache(ScriptedTurn.Text("x"));
        peer.Store.IsDown = true;
        await Assert.ThrowsAsync<IOException>(() => peer.AskAsync(streaming));
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

        using var peer = new PeerCache(ScriptedTurn.Text("x").WithUsage(100, 10));
        await peer.AskAsync(streaming);
        var other = await peer.AskAsync(streaming);
        Assert.Equal(1, peer.Model.CallCount);
        Assert.Equal(110, other.Usage!.TotalTokenCount);
        Assert.Null(other.AdditionalProperties);
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
