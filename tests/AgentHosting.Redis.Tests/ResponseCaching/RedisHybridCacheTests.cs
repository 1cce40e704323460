using AgentHosting.Redis.Tests.Servers;
using AgentHosting.ResponseCaching;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.ResponseCaching;

/// <summary>The cache of two hosts on one Redis.</summary>
public sealed class RedisHybridCacheTests(SharedRedis redis) : IDisposable
{
    private readonly RedisOptions _options = SharedRedis.NewOptions();
    private readonly CountingModel _model = new();
    private readonly List<IHost> _hosts = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1 << 20)]
    [InlineData(true, 1 << 20)]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    public async Task GetResponse_SameQuestionOnTwoReplicasAtOnce_AsksOnce(bool streaming, long sizeLimit)
    {
        var (one, other) = (Client(Host(), sizeLimit), Client(Host(), sizeLimit));
        var asked = Enumerable.Range(0, 10).Select(i => AskAsync(i % 2 == 0 ? one : other, streaming)).ToList();
        await TestHost.UntilAsync(() => Task.FromResult(_model.Calls > 0), "the model is asked");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Token);
        _model.Open();

        var answers = await Task.WhenAll(asked);

        Assert.Equal(1, _model.Calls);
        Assert.All(answers, static answer => Assert.Equal("answer 1", answer));
        Assert.Equal("answer 1", await AskAsync(Client(Host(), sizeLimit), streaming));
        Assert.Equal(1, _model.Calls);
    }

    [Fact]
    public async Task GetResponse_RefreshedByAnotherReplica_IsTheNewOne()
    {
        _model.Open();
        // With 0 the copies are those of the HybridCache, which hears of what is replaced.
        var (one, other) = (Client(Host(), 0), Client(Host(), 0));
        Assert.Equal("answer 1", await AskAsync(one, false));
        Assert.Equal("answer 1", await AskAsync(other, false));

        Assert.Equal("answer 2", (await one.GetResponseAsync("q", new ChatOptions().WithResponseCache(ResponseCacheMode.Refresh), Token)).Text);

        await TestHost.UntilAsync(async () => await AskAsync(other, false) == "answer 2", "the other replica drops its copy");
        Assert.Equal(2, _model.Calls);
    }

    [Fact]
    public async Task Set_OnOneReplica_ReplacesTheCopyOfTheOther()
    {
        var (one, other) = (Cache(Host()), Cache(Host()));
        await one.SetAsync("k", "old"u8.ToArray(), cancellationToken: Token);
        Assert.Equal("old"u8.ToArray(), await ReadAsync(other, "k"));

        await one.SetAsync("k", "new"u8.ToArray(), cancellationToken: Token);

        await TestHost.UntilAsync(async () => (await ReadAsync(other, "k")).AsSpan().SequenceEqual("new"u8), "the other replica reads the new value");
    }

    [Fact]
    public async Task Remove_OnOneReplica_RemovesTheCopyOfTheOther()
    {
        var (one, other) = (Cache(Host()), Cache(Host()));
        await one.SetAsync("k", new byte[] { 1 }, cancellationToken: Token);
        Assert.NotNull(await ReadAsync(other, "k"));

        await one.RemoveAsync("k", Token);

        await TestHost.UntilAsync(async () => await ReadAsync(other, "k") is null, "the other replica finds nothing");
    }

    [Fact]
    public async Task RemoveByTag_OnOneReplica_RemovesTheCopiesOfTheOther()
    {
        var (one, other) = (Cache(Host()), Cache(Host()));
        await one.SetAsync("tagged", new byte[] { 1 }, tags: ["t"], cancellationToken: Token);
        await one.SetAsync("plain", new byte[] { 2 }, cancellationToken: Token);
        Assert.NotNull(await ReadAsync(other, "tagged"));
        Assert.NotNull(await ReadAsync(other, "plain"));

        await one.RemoveByTagAsync("t", Token);

        await TestHost.UntilAsync(async () => await ReadAsync(other, "tagged") is null, "the other replica finds nothing");
        Assert.NotNull(await ReadAsync(other, "plain"));
        Assert.Null(await ReadAsync(Cache(Host()), "tagged"));
    }

    [Fact]
    public async Task GetOrCreate_TypeOfTheApplication_IsShared()
    {
        var (one, other) = (Cache(Host()), Cache(Host()));
        await one.SetAsync("k", new List<int> { 1, 2 }, cancellationToken: Token);

        Assert.Equal([1, 2], await other.GetOrCreateAsync("k", static _ => ValueTask.FromResult(new List<int>()), cancellationToken: Token));
    }

    [Fact]
    public async Task Set_Entry_ExpiresByItself()
    {
        var cache = Cache(Host());
        await cache.SetAsync("k", new byte[10], new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5) }, cancellationToken: Token);

        var server = redis.Multiplexer.GetServer(redis.Endpoint);
        var keys = server.Keys(pattern: $"{_options.KeyPrefix}:cache:*").ToList();
        Assert.All(keys, key => Assert.InRange(redis.Multiplexer.GetDatabase().KeyTimeToLive(key)!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6)));
        Assert.Single(keys);
    }

    [Fact]
    public async Task GetResponse_ServerDies_CallsGoOnAndTheOutageIsTold()
    {
        _model.Open();
        await using var server = await RedisServer.StartAsync();
        var log = new ListLogger();
        var client = Client(Host(server.Endpoint, log), 0);
        await AskAsync(client, false);
        server.Kill();

        for (var i = 0; i < 7; i++)
        {
            Assert.Equal($"answer {i + 2}", (await client.GetResponseAsync($"other {i}", null, Token)).Text);
        }

        Assert.Single(log.Entries, static entry => entry is { Id: 1702, Level: LogLevel.Warning });
    }

    [Fact]
    public async Task Copies_SubscriptionWasCut_AreDropped()
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        var cache = Cache(Host(server.Endpoint));
        await cache.SetAsync("k", new byte[] { 1 }, cancellationToken: Token);
        await TestHost.UntilAsync(async () => (long)(await admin.GetDatabase().ExecuteAsync("PUBSUB", "NUMPAT")) + (await ChannelsAsync()).Length > 0, "the cache is subscribed");
        Assert.NotNull(await ReadAsync(cache, "k"));
        // Removed while nobody hears of it.
        foreach (var key in admin.GetServer(server.Endpoint).Keys(pattern: $"{_options.KeyPrefix}:cache:*").ToList())
        {
            await admin.GetDatabase().KeyDeleteAsync(key);
        }

        Assert.NotNull(await ReadAsync(cache, "k"));
        await admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes");

        await TestHost.UntilAsync(async () => await ReadAsync(cache, "k") is null, "the copy is dropped");

        async Task<string[]> ChannelsAsync() => (string[])(await admin.GetDatabase().ExecuteAsync("PUBSUB", "CHANNELS", $"{_options.KeyPrefix}:*"))!;
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }
    }

    private static HybridCache Cache(IHost host) => host.Services.GetRequiredService<HybridCache>();

    private static ValueTask<byte[]?> ReadAsync(HybridCache cache, string key) => cache.GetOrCreateAsync(
        key, static _ => ValueTask.FromResult<byte[]?>(null), new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData }, cancellationToken: Token);

    private static async Task<string> AskAsync(IChatClient client, bool streaming) => streaming
        ? (await client.GetStreamingResponseAsync("q", null, Token).ToChatResponseAsync(Token)).Text
        : (await client.GetResponseAsync("q", null, Token)).Text;

    private IChatClient Client(IHost host, long sizeLimit) => _model.AsBuilder()
        .UseResponseCache(new ResponseCacheOptions { SizeLimit = sizeLimit, StoreTimeout = TimeSpan.FromSeconds(5) })
        .Build(host.Services);

    private IHost Host(string? endpoint = null, ListLogger? log = null)
    {
        var host = TestHost.Create(
            builder => builder.AddRedis(endpoint ?? redis.HostConfiguration, options => (options.KeyPrefix, options.CommandTimeout) = (_options.KeyPrefix, TimeSpan.FromSeconds(4))), _model, log);
        _hosts.Add(host);
        return host;
    }
}
