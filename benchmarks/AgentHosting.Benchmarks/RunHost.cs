using AgentHosting.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Benchmarks;

/// <summary>A host with one agent, <c>a</c>, over a client, and runs in memory of which few are kept.</summary>
internal static class RunHost
{
    public static IHost Create(IChatClient client, bool worker)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.Configure<RunStoreOptions>(static options => options.MaxRetainedRuns = 100);
        builder.Services.AddAgentHosting()
            .AddModel("mini", _ => client)
            .AddAgent("a", static agent => agent.WithInstructions("Be brief."))
            .ConfigureWorker(options => options.Enabled = worker);
        return builder.Build();
    }
}
