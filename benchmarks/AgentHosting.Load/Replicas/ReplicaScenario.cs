using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;
using AgentHosting.SpendLedgers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;

namespace AgentHosting.Load.Replicas;

/// <summary>One replica of a host, in a process of its own, which does over HTTP what it is asked to. It ends with the process that started it.</summary>
internal sealed class ReplicaScenario : ILoadScenario
{
    public string Name => "replica";

    public string Summary => "started by replicas: spends, asks and takes from limits";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("redis", "", "where Redis is"),
        new("models", "", "the address of the provider"),
        new("cap", "0", "the budget"),
        new("admitted", "", "the file of what the rate limit let through"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddAgentHosting().AddRedis(options.Text("redis"));
        builder.Services.Configure<SpendLedgerOptions>(static ledger => ledger.SweepInterval = ReplicaSettings.SweepInterval);
        await using var app = builder.Build();
        // Without retries: one request for each call that the replica makes.
        var provider = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(options.Text("models")), RetryPolicy = new ClientRetryPolicy(0) })
            .GetChatClient("oracle").AsIChatClient();
        using var replica = new Replica(app.Services, provider, decimal.Parse(options.Text("cap"), CultureInfo.InvariantCulture), options.Text("admitted"));
        app.UseRouting();
        app.MapPost("/spend", async (HttpContext context) => await context.Response.WriteAsync(
            await replica.SpendAsync(Number(context, "callers"), Number(context, "requests"), context.RequestAborted), context.RequestAborted));
        app.MapPost("/take", async (HttpContext context) => await context.Response.WriteAsync(
            await replica.TakeAsync(Number(context, "callers"), Number(context, "limit"), Number(context, "window-ms"), Number(context, "milliseconds"), context.RequestAborted), context.RequestAborted));
        app.MapPost("/ask", async (HttpContext context) => await context.Response.WriteAsync(
            await replica.AskAsync(context.Request.Query["through"].ToString(), context.Request.Query["text"].ToString(), context.RequestAborted), context.RequestAborted));
        await app.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"{ChildProcess.Ready} {app.Urls.Single()}".AsMemory(), cancellationToken);
        await ChildProcess.WaitForParentAsync(cancellationToken);
        return true;
    }

    private static int Number(HttpContext context, string name) => int.Parse(context.Request.Query[name].ToString(), CultureInfo.InvariantCulture);
}
