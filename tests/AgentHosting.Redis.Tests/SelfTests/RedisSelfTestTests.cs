using AgentHosting.RateLimits;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.SelfTests.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.SelfTests;

public sealed class RedisSelfTestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("allkeys-lfu")]
    [InlineData("allkeys-random")]
    public async Task Start_ServerThatDropsAnyKey_IsRefused(string policy)
    {
        await using var server = await RedisServer.StartAsync("--maxmemory-policy", policy);
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint, Patient), model);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Token));

        Assert.Contains($"maxmemory-policy {policy}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Set noeviction", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noeviction")]
    [InlineData("volatile-lru")]
    [InlineData("volatile-ttl")]
    public async Task Start_ServerThatKeepsKeys_IsAcceptedAndItsLossesAreTold(string policy)
    {
        await using var server = await RedisServer.StartAsync("--maxmemory-policy", policy);
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model, log);

        await host.StartAsync(Token);

        Assert.Contains(log.Entries, static entry => entry.Id == 6000);
        Assert.Contains(log.Entries, static entry => entry is { Id: 6003, Level: LogLevel.Warning } && entry.Text.Contains("appendonly yes", StringComparison.Ordinal));
        await host.UntilHealthyAsync();
        await host.StopAsync(Token);
    }

    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'. script: 9fe4, on @user_script:17.", true)]
    [InlineData("ERR Error running script (call to f_9fe4): @user_script:17: @user_script: 17: -OOM command not allowed when used memory > 'maxmemory'. ", true)]
    [InlineData("ERR Error running script (call to f_9fe4): @user_script:17: @user_script: 17: -READONLY You can't write against a read only replica. ", true)]
    [InlineData("ERR Error running script (call to f_9fe4): @user_script:17: @user_script: 17: Unknown Redis command called from Lua script ", false)]
    [InlineData("NOPERM this user has no permissions to run the 'eval' command", false)]
    public void IsPassing_RefusalOfAScript_IsReadAsOldAndNewServersSayIt(string message, bool isPassing) => Assert.Equal(isPassing, RedisErrors.IsPassing(message));

    [Fact]
    public async Task Start_AppendOnlyFile_TellsOfNoLosses()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model, log);

        await host.StartAsync(Token);

        Assert.DoesNotContain(log.Entries, static entry => entry.Id is 6003 or 6004 or 6005);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_ConfigIsForbidden_IsTestedAllTheSame()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory-policy", "allkeys-lru", "--rename-command", "CONFIG", "");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint, Patient), model);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Token));
    }

    [Fact]
    public async Task Start_UserMayNotAskForInfo_StartsAndSaysWhatItCannotKnow()
    {
        await using var server = await RedisServer.StartAsync();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(server.Endpoint))
        {
            await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "host", "on", ">secret", "~*", "&*", "+@all", "-info");
        }

        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis($"{server.Endpoint},user=host,password=secret"), model, log);

        await host.StartAsync(Token);

        Assert.Contains(log.Entries, static entry => entry is { Id: 6004, Level: LogLevel.Warning });
        Assert.DoesNotContain(log.Entries, static entry => entry.Text.Contains("secret", StringComparison.Ordinal));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_UserMayNotRunScripts_IsRefused()
    {
        await using var server = await RedisServer.StartAsync();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(server.Endpoint))
        {
            await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "host", "on", ">secret", "~*", "&*", "+@all", "-eval", "-evalsha");
        }

        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis($"{server.Endpoint},user=host,password=secret", Patient), model);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Token));

        Assert.Contains("Allow EVAL", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LayoutOfANewerPackage_IsRefused()
    {
        await using var server = await RedisServer.StartAsync();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using (var first = TestHost.Create(builder => builder.AddRedis(server.Endpoint, Patient), model))
        {
            await first.StartAsync(Token);
            await first.StopAsync(Token);
        }

        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        Assert.Equal("1", (string?)await admin.GetDatabase().HashGetAsync("ah:layout", "runs"));
        await admin.GetDatabase().HashSetAsync("ah:layout", "runs", 2);
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint, Patient), model);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Token));

        Assert.Contains("layout of runs is 2, and this one knows 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Cluster_IsNoted()
    {
        await using var server = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true"))
        {
            await admin.GetServer(server.Endpoint).ExecuteAsync("CLUSTER", ["ADDSLOTS", .. Enumerable.Range(0, 16384)]);
        }

        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model, log);

        // The slots are announced a moment later; the host starts in any case.
        await host.StartAsync(Token);
        await TestHost.UntilAsync(() => Task.FromResult(log.Entries.Any(static entry => entry.Id == 6005)), "the cluster is noted");

        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_ServerComesUpLater_HostStartsIsNotReadyAndWorksThen()
    {
        var port = RedisServer.FreePort();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis($"127.0.0.1:{port}", options => options.CommandTimeout = TimeSpan.FromSeconds(1)), model, log);
        await host.StartAsync(Token);
        Assert.Contains(log.Entries, static entry => entry is { Id: 6001, Level: LogLevel.Warning });
        Assert.Equal(HealthStatus.Unhealthy, (await host.CheckAsync()).Status);
        var limiter = host.Services.GetRequiredService<IAgentRateLimiter>();
        var request = new RateLimitRequest { Demands = [new RateLimitDemand { Key = "a", Limit = 10 }] };
        await Assert.ThrowsAnyAsync<Exception>(async () => await limiter.AcquireAsync(request, Token));

        await using var server = await RedisServer.StartAtAsync(port);

        await TestHost.UntilAsync(async () => (await host.CheckAsync()).Status == HealthStatus.Healthy, "the host is ready");
        Assert.Contains(log.Entries, static entry => entry.Id == 6000);
        await AcquireAsync(limiter, request);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_ServerThatComesUpLaterIsSetUpWrongly_IsNotUsedUntilThatIsPutRight()
    {
        var port = RedisServer.FreePort();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis($"127.0.0.1:{port}", options => options.CommandTimeout = TimeSpan.FromSeconds(1)), model, log);
        await host.StartAsync(Token);
        await using var server = await RedisServer.StartAtAsync(port, "--maxmemory-policy", "allkeys-lru");
        await TestHost.UntilAsync(() => Task.FromResult(log.Entries.Any(static entry => entry is { Id: 6002, Level: LogLevel.Error })), "the server is refused");

        var health = await host.CheckAsync();
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains("allkeys-lru", health.Description, StringComparison.Ordinal);
        var limiter = host.Services.GetRequiredService<IAgentRateLimiter>();
        var request = new RateLimitRequest { Demands = [new RateLimitDemand { Key = "a", Limit = 10 }] };
        Assert.Contains("allkeys-lru", (await Assert.ThrowsAnyAsync<RedisException>(async () => await limiter.AcquireAsync(request, Token))).Message, StringComparison.Ordinal);

        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true"))
        {
            await admin.GetServer(server.Endpoint).ConfigSetAsync("maxmemory-policy", "noeviction");
        }

        await TestHost.UntilAsync(async () => (await host.CheckAsync()).Status == HealthStatus.Healthy, "the host is ready");
        await AcquireAsync(limiter, request);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Reconnect_ServerIsSetUpOtherwise_IsNotUsed()
    {
        var port = RedisServer.FreePort();
        var server = await RedisServer.StartAtAsync(port);
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis($"127.0.0.1:{port}"), model, log);
        await host.StartAsync(Token);
        await host.UntilHealthyAsync();
        await server.DisposeAsync();

        server = await RedisServer.StartAtAsync(port, "--maxmemory-policy", "allkeys-random");

        await TestHost.UntilAsync(() => Task.FromResult(log.Entries.Any(static entry => entry is { Id: 6002, Level: LogLevel.Error })), "the server is refused");
        Assert.Contains("allkeys-random", (await host.CheckAsync()).Description, StringComparison.Ordinal);
        await host.StopAsync(Token);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Run_MemoryIsFull_IsTriedAgain()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "1");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var log = new ListLogger();
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model, log);
        await host.StartAsync(Token);
        Assert.Contains("OOM", (await host.CheckAsync()).Description, StringComparison.Ordinal);

        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true"))
        {
            await admin.GetServer(server.Endpoint).ConfigSetAsync("maxmemory", "0");
        }

        await TestHost.UntilAsync(async () => (await host.CheckAsync()).Status == HealthStatus.Healthy, "the host is ready");
        await host.StopAsync(Token);
    }

    [Theory]
    [InlineData("redis_version:6.0.16", "6.0.16", null)]
    [InlineData("redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nmaxmemory_policy:volatile-lru", "7.2.4", "volatile-lru")]
    [InlineData("# Server\r\nredis_version:8.2.1\r\n", "8.2.1", null)]
    public void Info_TextOfServers_IsRead(string text, string version, string? policy)
    {
        var info = new RedisInfo(text);

        Assert.Equal((Version.Parse(version), policy), (info.Version, info.EvictionPolicy));
    }

    [Fact]
    public async Task Evaluate_RefusedServer_IsNotAsked()
    {
        await using var server = await RedisServer.StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        await using var connection = new RedisConnection(new RedisSource(multiplexer), Microsoft.Extensions.Options.Options.Create(SharedRedis.NewOptions())) { Refusal = "wrong" };

        await Assert.ThrowsAsync<RedisException>(() => connection.EvaluateAsync(RedisScript.Load("now"), ["a"], [""], Token));
    }

    // A command may take longer than its second.
    private static Task AcquireAsync(IAgentRateLimiter limiter, RateLimitRequest request) => TestHost.UntilAsync(
        async () =>
        {
            try
            {
                return (await limiter.AcquireAsync(request, Token)).IsAcquired;
            }
            catch (TimeoutException)
            {
                return false;
            }
        },
        "the limiter answers");

    // A host whose server answers later than that starts, and is not refused.
    private static void Patient(RedisOptions options) => options.CommandTimeout = TimeSpan.FromSeconds(30);
}
