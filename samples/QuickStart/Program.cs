using AgentHosting;
using AgentHosting.AspNetCore;
using QuickStart;
using QuickStart.Calculations;
using QuickStart.Models;
using QuickStart.Search;

var builder = QuickStartHost.CreateBuilder(args);
await using var model = await ModelConnection.OpenAsync(builder.Configuration);

builder.Services.AddOpenApi();
var hosting = builder.Services.AddAgentHosting()
    .AddModel("chat", _ => model.Client, options =>
    {
        options.InputPrice = model.InputPrice;
        options.OutputPrice = model.OutputPrice;
        options.ContextWindow = 128_000;
    })
    .AddAgent("support", agent => agent
        .WithInstructionsFromFile("prompts/support.md")
        .WithTool(DocumentSearchTool.Over(Path.Combine(AppContext.BaseDirectory, "documents")))
        .WithTool(CalculatorTool.Create()));
if (builder.Configuration["redis"] is { Length: > 0 } redis)
{
    hosting.AddRedis(redis);
}

var app = builder.Build();
app.MapOpenApi();
app.MapAgentHosting(options => options.AllowUnauthenticatedOnLoopback());
app.LogHowToTry(model.Description);
await app.RunAsync();
