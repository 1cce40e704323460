using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Topologies;

/// <summary>TLS, and a user who may do no more than a host needs.</summary>
public sealed class RedisTlsTests
{
    // What the client asks by itself and does without.
    private static readonly string[] Dispensable =
    [
        "config|get", "client|setname", "client|setinfo", "client|id", "cluster|nodes", "cluster|slots", "cluster", "config", "client", "role", "__Booksleeve_TieBreak", "__Booksleeve_MasterChanged",
        "sentinel|masters", "sentinel",
    ];

    [Fact]
    public async Task Host_TlsAndUserOfLeastRights_DoesRunsAndIsHealthy()
    {
        using var certificates = new TestCertificates();
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(
            "--tls-port", $"{port}", "--tls-cert-file", certificates.Certificate, "--tls-key-file", certificates.Key, "--tls-ca-cert-file", certificates.Certificate, "--tls-auth-clients", "no");
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        await SharedRedis.AddUserAsync(admin, "ah");
        await admin.GetDatabase().ExecuteAsync("ACL", "LOG", "RESET");
        var configuration = ConfigurationOptions.Parse($"127.0.0.1:{port},ssl=true,user={SharedRedis.User},password={SharedRedis.Password}");
        configuration.TrustIssuer(certificates.Certificate);
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.Text("Done."));
        using var host = TestHost.Create(builder => builder.AddRedis(configuration), model);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var load = new RunLoad(host);
        await load.SubmitAsync(20);
        await load.AssertAllSucceededAsync();

        await host.UntilHealthyAsync();
        var denied = ((RedisResult[])(await admin.GetDatabase().ExecuteAsync("ACL", "LOG"))!).Select(static entry => (string)entry.ToDictionary()["object"]!);
        Assert.Empty(denied.Except(Dispensable));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Host_CertificateThatNobodyVouchesFor_IsNotReady()
    {
        using var certificates = new TestCertificates();
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(
            "--tls-port", $"{port}", "--tls-cert-file", certificates.Certificate, "--tls-key-file", certificates.Key, "--tls-ca-cert-file", certificates.Certificate, "--tls-auth-clients", "no");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        using var host = TestHost.Create(builder => builder.AddRedis($"127.0.0.1:{port},ssl=true,connectTimeout=1000", static options => options.CommandTimeout = TimeSpan.FromSeconds(2)), model);
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Unhealthy, (await host.CheckAsync()).Status);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Rights_InTheDocs_AreThoseOfTheTests() => Assert.Contains(SharedRedis.LeastCommands, File.ReadAllText(Docs()), StringComparison.Ordinal);

    private static string Docs()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "AgentHosting.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "docs", "redis.md");
    }
}
