using AgentHosting.CircuitBreakers;
using AgentHosting.RateLimits;
using AgentHosting.Redis.CircuitBreakers.Internal;
using AgentHosting.Redis.RateLimits.Internal;
using AgentHosting.Redis.ResponseCaching.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;

namespace AgentHosting.Redis.Tests;

public sealed class RedisAgentHostingBuilderExtensionsTests(SharedRedis redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void AddRedis_Stores_AreThoseOfRedis()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(static builder => builder.AddRedis("localhost"), model);

        Assert.IsType<RedisRateLimiter>(host.Services.GetRequiredService<IAgentRateLimiter>());
        Assert.IsType<RedisCircuitBreakerStore>(host.Services.GetRequiredService<ICircuitBreakerStore>());
        Assert.IsType<RedisResponseCacheLock>(host.Services.GetRequiredService<IResponseCacheLock>());
        Assert.Same(host.Services.GetRequiredService<RedisHybridCache>().Cache, host.Services.GetRequiredService<HybridCache>());
    }

    [Fact]
    public async Task AddRedis_HostHasAHybridCache_KeepsIt()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        await using var connection = redis.Connect();
        using var own = new RedisHybridCache(connection, TimeProvider.System, NullLogger<FusionCache>.Instance);
        using var host = TestHost.Create(
            builder =>
            {
                builder.Services.AddSingleton(own.Cache);
                builder.AddRedis("localhost");
            },
            model);

        Assert.Same(own.Cache, host.Services.GetRequiredService<HybridCache>());
    }

    [Fact]
    public void AddRedis_Twice_SaysSo()
    {
        var services = new ServiceCollection().AddAgentHosting().AddRedis("localhost");

        Assert.Contains("AddRedis was called twice", Assert.Throws<InvalidOperationException>(() => services.AddRedis("localhost")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddRedis_NoServer_SaysSo()
    {
        var builder = new ServiceCollection().AddAgentHosting();

        Assert.Throws<ArgumentException>(() => builder.AddRedis(" "));
        Assert.Contains("names no server", Assert.Throws<ArgumentException>(() => builder.AddRedis("ssl=true")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.AddRedis(new ConfigurationOptions()));
    }

    [Fact]
    public void AddRedis_Configuration_WinsOverCode()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(
            static builder => builder.AddRedis("localhost", static options => (options.KeyPrefix, options.Queue) = ("code", "code")),
            model,
            null,
            ("AgentHosting:Redis:KeyPrefix", "operator"),
            ("AgentHosting:Redis:CommandTimeout", "00:00:02"));
        var options = host.Services.GetRequiredService<IOptions<RedisOptions>>().Value;

        Assert.Equal(("operator", "code", TimeSpan.FromSeconds(2)), (options.KeyPrefix, options.Queue, options.CommandTimeout));
    }

    [Theory]
    [InlineData("KeyPrefix", "a b", "KeyPrefix has 1 to 64 letters")]
    [InlineData("KeyPrefix", "", "Give it a value")]
    [InlineData("Queue", "{q}", "Queue has 1 to 64 letters")]
    [InlineData("CommandTimeout", "00:00:00", "Use a time above 0")]
    [InlineData("Durability", "7", "Use Fast or Replicated")]
    public async Task Start_WrongSetting_NamesTheKeyAndTheFix(string key, string value, string fix)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(static builder => builder.AddRedis("localhost"), model, null, ($"AgentHosting:Redis:{key}", value));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains($"AgentHosting:Redis:{key}", error.Message, StringComparison.Ordinal);
        Assert.Contains(fix, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_MisspeltSetting_NamesIt()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(static builder => builder.AddRedis("localhost"), model, null, ("AgentHosting:Redis:KeyPrefx", "a"));

        Assert.Contains("KeyPrefx", (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ConnectionOfTheApplication_StaysOpen()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);
        using (var host = TestHost.Create(builder => builder.AddRedis(multiplexer, static options => options.KeyPrefix = SharedRedis.NewOptions().KeyPrefix), model))
        {
            await host.StartAsync(Token);
            await host.Services.GetRequiredService<HybridCache>().SetAsync("a", new byte[1], cancellationToken: Token);
            await host.StopAsync(Token);
        }

        Assert.True(await multiplexer.GetDatabase().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Stop_ConnectionOfTheHost_IsClosed()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        await using var server = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        using (var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model))
        {
            await host.StartAsync(Token);
            Assert.Contains(await ClientsAsync(), static client => client.Name == "AgentHosting");
            await host.StopAsync(Token);
        }

        await TestHost.UntilAsync(async () => !(await ClientsAsync()).Any(static client => client.Name == "AgentHosting"), "its connections are closed");

        async Task<ClientInfo[]> ClientsAsync() => await admin.GetServer(server.Endpoint).ClientListAsync();
    }

    [Fact]
    public async Task Stores_ScriptFlushBetweenCalls_WorkOn()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        await using var server = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model);
        await host.StartAsync(Token);
        var limiter = host.Services.GetRequiredService<IAgentRateLimiter>();
        var circuits = host.Services.GetRequiredService<ICircuitBreakerStore>();
        var locks = host.Services.GetRequiredService<IResponseCacheLock>();
        var settings = new CircuitSettings
        {
            FailureRatio = 1,
            MinimumCalls = 3,
            Window = TimeSpan.FromMinutes(1),
            OpenDuration = TimeSpan.FromMinutes(1),
            MaxOpenDuration = TimeSpan.FromMinutes(1),
            SuccessesToClose = 1,
            ProbeLease = TimeSpan.FromMinutes(1),
        };
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await limiter.AcquireAsync(new RateLimitRequest { Demands = [new RateLimitDemand { Key = "a", Limit = 3 }] }, Token)).IsAcquired);
            var held = await locks.TryAcquireAsync("a", TimeSpan.FromMinutes(1), Token);
            await FlushAsync();
            var permit = (await circuits.TryAcquireAsync("a", settings, Token)).Permit;
            await FlushAsync();
            await circuits.ReportAsync(permit, settings, CircuitOutcome.Failure, TimeSpan.Zero, Token);
            await held!.DisposeAsync();
            await FlushAsync();
        }

        Assert.False((await limiter.AcquireAsync(new RateLimitRequest { Demands = [new RateLimitDemand { Key = "a", Limit = 3 }] }, Token)).IsAcquired);
        Assert.Equal(CircuitState.Open, (await circuits.GetAsync("a", settings, Token)).State);
        await host.StopAsync(Token);

        Task FlushAsync() => admin.GetServer(server.Endpoint).ScriptFlushAsync();
    }
}
