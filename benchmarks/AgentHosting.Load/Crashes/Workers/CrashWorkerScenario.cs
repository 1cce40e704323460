using System.ClientModel;
using System.ClientModel.Primitives;
using AgentHosting.Agents;
using AgentHosting.Load.Crashes.Modes;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using OpenAI;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>The process that executes runs, and is killed, stopped or replaced. It ends with the process that started it.</summary>
internal sealed class CrashWorkerScenario : ILoadScenario
{
    public string Name => "crash-worker";

    public string Summary => "started by crash: executes runs";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("mode", CrashModes.Default, "the kind of trouble"),
        new("redis", "", "where Redis is"),
        new("models", "", "the address of the provider"),
        new("tools", "", "the address that tools call"),
        .. CrashTiming.Options,
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        // How long a tool may take is for the agent to say: a starved worker has no thread for minutes.
        using var http = new HttpClient { BaseAddress = new Uri(options.Text("tools")), Timeout = Timeout.InfiniteTimeSpan };
        await using var mode = CrashModes.Of(options.Text("mode"));
        using var host = CrashHost.Build(
            mode,
            options.Text("redis"),
            new CrashTiming(options),
            isWorker: true,
            () => new OpenAIClient(
                new ApiKeyCredential("none"),
                // Without retries: one request for each call that the host makes.
                new OpenAIClientOptions { Endpoint = new Uri(options.Text("models")), RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("oracle").AsIChatClient(),
            agent =>
            {
                Describe(agent, new OracleTools(http));
                mode.ConfigureAgent(agent);
            });
        await host.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync(ChildProcess.Ready.AsMemory(), cancellationToken);
        _ = EndWithParentAsync(cancellationToken);
        await host.WaitForShutdownAsync(cancellationToken);
        return true;
    }

    private static void Describe(AgentBuilder agent, OracleTools tools)
    {
        agent.UsePipeline(static pipeline => pipeline.Use(static inner => new MarkingChatClient(inner)));
        agent.WithTool(tools.Lookup, static tool => tool.Risk = ToolValidation.ToolRisk.Low);
        agent.WithTool(tools.Store, static tool =>
        {
            tool.Risk = ToolValidation.ToolRisk.Medium;
            tool.IsIdempotent = true;
        });
        agent.WithTool(tools.Charge, static tool => tool.Risk = ToolValidation.ToolRisk.Medium);
    }

    private static async Task EndWithParentAsync(CancellationToken cancellationToken)
    {
        await ChildProcess.WaitForParentAsync(cancellationToken);
        // At once: an orderly end would wait for a store that ends at the same time.
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
    }
}
