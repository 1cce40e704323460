using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>Hosts with one model and one agent.</summary>
internal static class TestHost
{
    /// <param name="add">Adds Redis.</param>
    /// <param name="model">The model.</param>
    /// <param name="log">Gets what is logged.</param>
    /// <param name="settings">Configuration.</param>
    public static IHost Create(
        Action<IAgentHostingBuilder> add, IChatClient model, ListLogger? log = null, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(static one => new KeyValuePair<string, string?>(one.Key, one.Value)));
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddHealthChecks();
        var hosting = builder.Services.AddAgentHosting().AddModel("m", _ => model).AddAgent("a");
        add(hosting);
        return builder.Build();
    }

    public static async Task<HealthReportEntry> CheckAsync(this IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["redis"];

    /// <summary>Waits until it is healthy: an answer that is late by a moment makes it degraded for one check.</summary>
    public static Task UntilHealthyAsync(this IHost host) => UntilAsync(async () => (await host.CheckAsync()).Status == HealthStatus.Healthy, "the host is healthy");

    /// <summary>Waits for what others bring about.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var limit = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < limit, $"It did not happen in 30 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
