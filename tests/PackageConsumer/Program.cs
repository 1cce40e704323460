using AgentHosting;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddAgentHosting()
    .AddModel("local", _ => new ScriptedChatClient(ScriptedTurn.ToolCall("add", """{"a":17,"b":4}"""), ScriptedTurn.Text("17 + 4 is 21.")))
    .AddAgent("calculator", agent => agent.WithTool(AIFunctionFactory.Create((int a, int b) => a + b, "add")));
using var host = builder.Build();
await host.StartAsync();
var client = host.Services.GetRequiredService<IAgentRunClient>();
var submitted = await client.SubmitAsync(new AgentRunRequest { Message = "What is 17 + 4?" });
var run = await client.WaitAsync(submitted.RunId);
Console.WriteLine($"{run!.Status}: {run.Result} ({run.Steps.Count} steps)");
await host.StopAsync();
