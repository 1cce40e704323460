using AgentHosting.Agents;
using AgentHosting.Load.Crashes.Modes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Load.Crashes;

/// <summary>The host that all processes of the scenario are, with one agent and its runs in Redis.</summary>
internal static class CrashHost
{
    public const string Agent = "crash";

    /// <param name="mode">The kind of trouble, which may change settings.</param>
    /// <param name="redis">Where Redis is.</param>
    /// <param name="timing">How long leases are and the like.</param>
    /// <param name="isWorker">Whether it executes runs; else it only accepts them.</param>
    /// <param name="createModel">Makes the client of the model.</param>
    /// <param name="configureAgent">Gives the agent its tools.</param>
    public static IHost Build(CrashMode mode, string redis, CrashTiming timing, bool isWorker, Func<IChatClient> createModel, Action<AgentBuilder> configureAgent)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "AgentHosting.Load" });
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning).AddFilter("AgentHosting.Runs.Internal.RunExecutor", LogLevel.Information);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = timing.Drain + TimeSpan.FromSeconds(10));
        var hosting = builder.Services.AddAgentHosting()
            .AddModel("model", _ => createModel())
            .AddAgent(Agent, agent =>
            {
                agent.Configure(static options =>
                {
                    options.RetryDelay = TimeSpan.FromMilliseconds(200);
                    options.MaxRetryDelay = TimeSpan.FromSeconds(1);
                });
                configureAgent(agent);
            })
            .ConfigureWorker(worker =>
            {
                worker.Enabled = isWorker;
                worker.MaxConcurrentRuns = timing.Slots;
                worker.LeaseDuration = timing.Lease;
                worker.DrainTimeout = timing.Drain;
                worker.SweepInterval = timing.Sweep;
                // What is tested is that a run survives, not after how many blows to its workers it is given up.
                worker.MaxCrashes = 1000;
            })
            .AddRedis(redis);
        mode.ConfigureHost(hosting, isWorker);
        return builder.Build();
    }
}
