using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>What the response cache needs of a <see cref="HybridCache"/>. Each replica has one of its own over the same store.</summary>
public abstract class SharedCacheCompliance : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _replicas = [];
    private readonly SharedStore _store = new();

    public static TheoryData<bool, long> ShapesAndSizes => new() { { false, 64L << 20 }, { true, 64L << 20 }, { false, 0 }, { true, 0 } };

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_OtherReplicaAsked_FindsItsAnswer(bool streaming, long sizeLimit)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x").WithUsage(5, 5));
        using var one = Replica(model, sizeLimit);
        using var other = Replica(model, sizeLimit);
        await one.AskAsync(streaming, "q");
        var found = await other.AskAsync(streaming, "q");

        Assert.Equal("x", found.Text);
        Assert.Equal("hit", found.AdditionalProperties![ResponseCacheProperties.Result]);
        Assert.Equal(1, model.CallCount);
        Assert.Equal(["store"], other.Levels);
        await other.AskAsync(streaming, "q");
        Assert.Equal(["store", sizeLimit == 0 ? "store" : "memory"], other.Levels);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_NothingWasThereBefore_IsNotRemembered(bool streaming, long sizeLimit)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Text("x"));
        using var one = Replica(model, sizeLimit);
        using var other = Replica(model, sizeLimit);
        await Assert.ThrowsAsync<ScriptedHttpException>(() => one.AskAsync(streaming, "q"));
        Assert.Equal(0, _store.Count);
        await other.AskAsync(streaming, "q");

        Assert.Equal("x", (await one.AskAsync(streaming, "q")).Text);
        Assert.Equal(2, model.CallCount);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_Refresh_ReplacesTheAnswerForNewReplicas(bool streaming, long sizeLimit)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("old"), ScriptedTurn.Text("new"));
        using var one = Replica(model, sizeLimit);
        await one.AskAsync(streaming, "q");
        await one.AskAsync(streaming, "q", new ChatOptions().WithResponseCache(ResponseCacheMode.Refresh));
        using var other = Replica(model, sizeLimit);

        Assert.Equal("new", (await other.AskAsync(streaming, "q")).Text);
        Assert.Equal("new", (await one.AskAsync(streaming, "q")).Text);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_TimeToLiveIsOver_AsksAgain(bool streaming, long sizeLimit)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("old"), ScriptedTurn.Text("new"));
        using var one = Replica(model, sizeLimit);
        using var other = Replica(model, sizeLimit);
        await one.AskAsync(streaming, "q");
        other.Time.Advance(TimeSpan.FromMinutes(61));

        Assert.Equal("new", (await other.AskAsync(streaming, "q")).Text);
        Assert.Equal(2, model.CallCount);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_LargeAnswerWithAnyBytes_IsFoundWhole(bool streaming, long sizeLimit)
    {
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(static i => (char)(i % 0xD7FF + 1)));
        using var model = new ScriptedChatClient(ScriptedTurn.Text(text));
        using var one = Replica(model, sizeLimit);
        using var other = Replica(model, sizeLimit);
        await one.AskAsync(streaming, "q");

        Assert.Equal(text, (await other.AskAsync(streaming, "q")).Text);
        Assert.Equal(1, model.CallCount);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_StoreFails_GoesOnAndRecovers(bool streaming, long sizeLimit)
    {
        _store.Fails = true;
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var one = Replica(model, sizeLimit);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("x", (await one.AskAsync(streaming, $"q{i}")).Text);
        }

        // The cache logs it and answers as if nothing were there; the documentation says so.
        Assert.DoesNotContain("error", one.Results);
        _store.Fails = false;
        one.Time.Advance(TimeSpan.FromSeconds(31));
        await one.AskAsync(streaming, "then");
        using var other = Replica(model, sizeLimit);
        await other.AskAsync(streaming, "then");

        Assert.Equal(["store"], other.Levels);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_StoreHangs_GoesOnAfterTheTimeout(bool streaming, long sizeLimit)
    {
        _store.Hangs = true;
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var one = Replica(model, sizeLimit);
        var call = one.AskAsync(streaming, "q");
        await _store.Called;
        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            one.Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        Assert.Equal("x", (await call).Text);
    }

    [Theory]
    [MemberData(nameof(ShapesAndSizes))]
    public async Task GetResponse_GarbageInTheStore_AsksAndReplacesIt(bool streaming, long sizeLimit)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var one = Replica(model, sizeLimit);
        await one.AskAsync(streaming, "q");
        Assert.NotEqual(0, _store.Count);
        _store.Spoil();
        using var other = Replica(model, sizeLimit);
        Assert.Equal("x", (await other.AskAsync(streaming, "q")).Text);
        Assert.Equal(2, model.CallCount);
        using var third = Replica(model, sizeLimit);
        await third.AskAsync(streaming, "q");

        Assert.Equal(["store"], third.Levels);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Registers the cache over the store.</summary>
    protected abstract void AddCache(IServiceCollection services, IDistributedCache store);

    private CacheUnderTest Replica(IChatClient model, long sizeLimit)
    {
        var services = new ServiceCollection();
        AddCache(services, _store);
        var provider = services.BuildServiceProvider();
        _replicas.Add(provider);
        return new CacheUnderTest(model, new ResponseCacheOptions { SizeLimit = sizeLimit }, provider.GetRequiredService<HybridCache>());
    }
}
