using System.Globalization;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;
using AgentHosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>The process that stands outside: the provider and what the tools call. It ends with the process that started it.</summary>
internal sealed class CrashOracleScenario : ILoadScenario
{
    public string Name => "crash-oracle";

    public string Summary => "started by crash: the provider and the tools, which record every call";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("log", "oracle.jsonl", "the file of calls"),
        new("model-ms", "400", "milliseconds of the longest model call"),
        new("tool-ms", "200", "milliseconds of the longest tool call"),
        new("long-lookup-ms", "0", "milliseconds of a lookup in every fourth run; 0 for as long as other tools"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        using var log = new OracleLog(options.Text("log"));
        var provider = new OracleProvider(log, options.Number("model-ms"));
        await using var models = new LocalModelServer(provider.Answer) { MaxRecordedRequests = 0 };
        await models.StartAsync(cancellationToken);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseRouting();
        var longest = options.Number("tool-ms");
        var longLookup = options.Number("long-lookup-ms");
        app.MapPost("/tools/{tool}", async (HttpContext context) =>
        {
            var tool = (string)context.Request.RouteValues["tool"]!;
            var item = context.Request.Query["item"].ToString();
            var mark = context.Request.Query["mark"].ToString();
            var parts = item.Split('.');
            var number = int.Parse(parts[0], CultureInfo.InvariantCulture);
            var delay = tool == CrashPlan.Lookup && longLookup > 0 && number % 4 == 0
                ? TimeSpan.FromMilliseconds(longLookup)
                : OracleDelay.Of(number, int.Parse(parts[1], CultureInfo.InvariantCulture), longest);
            log.Add(tool, mark, delay);
            try
            {
                await Task.Delay(delay, TimeProvider.System, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                log.Add(OracleCall.GivenUp, mark);
                throw;
            }

            await context.Response.WriteAsync(CrashPlan.ResultOf(tool, item), context.RequestAborted);
        });
        await app.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"{ChildProcess.Ready} {models.Endpoint} {app.Urls.Single()}".AsMemory(), cancellationToken);
        await ChildProcess.WaitForParentAsync(cancellationToken);
        return true;
    }
}
