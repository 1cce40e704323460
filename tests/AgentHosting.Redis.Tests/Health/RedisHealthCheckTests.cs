using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Health;

public sealed class RedisHealthCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1200, HealthStatus.Degraded)]
    [InlineData(20_000, HealthStatus.Unhealthy)]
    public async Task Check_ServerAnswersLate_SaysSo(int pause, HealthStatus expected)
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true,asyncTimeout=30000");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model);
        await host.StartAsync(Token);

        // A check that comes or ends late sees another state.
        await TestHost.UntilAsync(
            async () =>
            {
                await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", pause, "ALL");
                return (await host.CheckAsync()).Status == expected;
            },
            $"the host is {expected}");

        server.Kill();
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Check_ServerIsGone_IsUnhealthy()
    {
        await using var server = await RedisServer.StartAsync();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis(server.Endpoint), model);
        await host.StartAsync(Token);
        await host.UntilHealthyAsync();
        server.Kill();

        Assert.Equal(HealthStatus.Unhealthy, (await host.CheckAsync()).Status);
        await host.StopAsync(Token);
    }

    [Fact]
    public void AddRedis_HealthCheck_HasItsTag()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(static builder => builder.AddRedis("localhost"), model);

        Assert.Contains("redis", host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Single(static one => one.Name == "redis").Tags);
    }
}
