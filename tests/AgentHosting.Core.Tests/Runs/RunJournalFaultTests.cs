using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>What providers and tools may give that is not easily written down, or not easily read again.</summary>
public sealed class RunJournalFaultTests
{
    private int _calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ServiceRanACallByItself_ResultsOfOthersStandBehindTheirOwnCalls(bool isTold)
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant,
            [
                new FunctionCallContent("s0", "lookup", new Dictionary<string, object?>()) { InformationalOnly = isTold },
                new FunctionResultContent("s0", "looked up"),
                new FunctionCallContent("c0", "add", new Dictionary<string, object?>()),
            ])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent.WithTool(AIFunctionFactory.Create(() => "sum " + ++_calls, "add"), ToolRisk.Medium)));
        var runId = await host.SubmitAsync(session: "s");
        var run = await host.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, _calls));
        var events = (await host.Store.ReadEventsAsync(runId, 0, 100, Token))!.Events;
        var result = Assert.Single(events, static told => told.Type == AgentRunEventTypes.ToolResult);
        Assert.Equal(result.Step, Assert.Single(events, static told => told.Type == AgentRunEventTypes.ToolCall).Step);
        var messages = RunTranscript.MessagesOf(Assert.Single((await host.Store.GetSessionAsync(run.Identity, "s", Token))!.Turns));
        var results = messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().ToDictionary(static content => content.CallId, static content => content.Result?.ToString());
        Assert.Equal(("looked up", "sum 1"), (results["s0"], results["c0"]));
    }

    [Fact]
    public async Task Run_ResponseHoldsWhatCannotBeWritten_IsBilledOnceAndKeepsTheRest()
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("Done.") { AdditionalProperties = new() { ["raw"] = new Action(static () => { }) } }])
        {
            AdditionalProperties = new() { ["raw"] = typeof(string), ["kept"] = "k" },
        })
        {
            AdditionalProperties = new() { ["raw"] = typeof(string), ["id"] = "r1" },
        };
        using var model = new StubChatClient(stream: _ => response.ToChatResponseUpdates().ToAsyncEnumerable());
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model).AddAgent("a", static agent => agent.Configure(static options => options.RetryDelay = TimeSpan.Zero)));
        var run = await host.RunAsync("Go");

        Assert.Equal((AgentRunStatus.Succeeded, "Done.", 1), (run.Status, run.Result, model.Calls));
        var kept = JournalFormat.ReadResponse(JournalFormat.WriteResponse(response));
        Assert.Equal(("k", "r1"), (kept.Messages[0].AdditionalProperties?["kept"]?.ToString(), kept.AdditionalProperties?["id"]?.ToString()));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(200)]
    public async Task Run_ToolReturnsDeepJson_IsReadAgainInTheRunAndItsSession(int depth)
    {
        var json = new string('[', depth) + new string(']', depth);
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "deep", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Again.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent.WithTool(
                AIFunctionFactory.Create(() => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement, new AIFunctionFactoryOptions
                {
                    Name = "deep",
                    MarshalResult = static (result, _, _) => ValueTask.FromResult(result),
                }),
                ToolRisk.Low)));
        var run = await host.FinishAsync(await host.SubmitAsync(session: "s"));
        var next = await host.FinishAsync(await host.SubmitAsync("And now?", "s"));

        Assert.Equal(("Done.", "Again."), (run.Result, next.Result));
        Assert.Contains(json, provider.Requests[1], StringComparison.Ordinal);
        Assert.Contains(json, provider.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ResultCannotBeWritten_ModelIsToldAndTheCallIsJournaled()
    {
        using var provider = new ProviderChatClient(
            streams: false,
            new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c0", "odd", new Dictionary<string, object?>())])),
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));
        await using var host = await AttemptHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => provider)
            .AddAgent(AttemptHost.Agent, agent => agent.WithTool(
                AIFunctionFactory.Create(
                    () =>
                    {
                        _calls++;
                        return new TextContent("odd") { AdditionalProperties = new() { ["raw"] = typeof(string) } };
                    },
                    "odd"),
                ToolRisk.Medium)));
        var run = await host.FinishAsync(await host.SubmitAsync());

        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, _calls));
        Assert.Equal(["1", "1.0", "2"], run.Steps.Select(static step => step.Key));
    }
}
