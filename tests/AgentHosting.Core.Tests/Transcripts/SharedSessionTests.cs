using AgentHosting.Compliance;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Runs.Internal.InMemory;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Transcripts;

/// <summary>What other hosts lose of a session that is used at once, after a restart, or whose worker died, and what is in it here.</summary>
public sealed class SharedSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R19_TenRunsAtOnceOnOneSession_AllTwentyMessagesAreInItInOrder()
    {
        using var model = new ScriptedChatClient(request => ScriptedTurn.Text("re " + request.Messages[^1].Text));
        await using var host = await StartAsync(model, NewStore());
        var submissions = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
            await host.Client.SubmitAsync(new AgentRunRequest { Message = $"m{i}", SessionId = "s" }, Token)));
        foreach (var submission in submissions)
        {
            await host.Client.WaitAsync(submission.RunId, Token);
        }

        var texts = await TextsAsync(host);
        Assert.Equal(20, texts.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"m{i}"), texts.Where((_, i) => i % 2 == 0).Order(StringComparer.Ordinal));
        Assert.All(texts.Chunk(2), pair => Assert.Equal("re " + pair[0], pair[1]));
        // Each call saw all that came before it, and nothing else.
        Assert.All(model.Requests, request => Assert.Equal(texts.Take(request.Messages.Count), request.Messages.Select(static message => message.Text)));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (2 * i) + 1), model.Requests.Select(static request => request.Messages.Count));
    }

    [Fact]
    public async Task R20_AgentIsBuiltAnewByAnotherHost_SessionGoesOn()
    {
        var store = NewStore();
        using var first = new ScriptedChatClient(ScriptedTurn.Text("Hello Ann."));
        await using (var host = await StartAsync(first, store))
        {
            await host.RunAsync("I am Ann.", "s");
        }

        using var second = new ScriptedChatClient(ScriptedTurn.Text("Ann."));
        await using var restarted = await StartAsync(second, store);
        await restarted.RunAsync("Who am I?", "s");

        Assert.Equal(["I am Ann.", "Hello Ann.", "Who am I?"], second.Requests[0].Messages.Select(static message => message.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WorkerDied_NextMessageInterrupts_ProviderSeesNoOrphanAndWhatWasSaidIsMarked(bool inTheToolCall)
    {
        var store = NewStore();
        var first = new RunSubmission { Id = store.CreateRunId("x"), Agent = "a", Message = "Pay", Identity = AgentIdentity.Anonymous, SessionId = "s", ExpireAfter = TimeSpan.FromHours(1) };
        await store.EnqueueAsync(first, Token);
        await DieAsync(store, inTheToolCall);
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await StartAsync(model, store);
        var second = await host.Client.SubmitAsync(new AgentRunRequest { Message = "And?", SessionId = "s", OnBusy = SessionBusyPolicy.Interrupt }, Token);
        for (var i = 0; i < 1000 && (await store.GetAsync(first.Id, Token))!.Status != AgentRunStatus.Cancelled; i++)
        {
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        await host.Client.WaitAsync(second.RunId, Token);

        var seen = Assert.Single(model.Requests).Messages;
        Assert.Equal(inTheToolCall ? "U(t) A(c1) T(c1?) U(t)" : "U(t) A(t) U(t)", Conversation.Write(seen));
        var conversation = (await host.Services.GetRequiredService<IAgentSessionClient>().GetAsync(AgentIdentity.Anonymous, "s", Token))!;
        Assert.Equal([first.Id, second.RunId], conversation.Turns.Select(static turn => turn.RunId));
        var answer = conversation.Turns[0].Messages[1];
        Assert.Equal(!inTheToolCall, answer.AdditionalProperties?.ContainsKey(AgentConversation.InterruptedProperty) == true);
    }

    /// <summary>A worker takes the run, says or asks for something, and is never heard of again.</summary>
    private static async Task DieAsync(InMemoryRunStore store, bool inTheToolCall)
    {
        var claim = Assert.Single(await store.ClaimAsync(
            new RunClaimRequest { WorkerId = "dead", MaxRuns = 1, Agents = new Dictionary<string, int> { ["a"] = 1 }, LeaseDuration = TimeSpan.FromMilliseconds(1) }, Token));
        await store.AppendEventsAsync(claim.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "1" }, new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Step = "1", Text = "tok" }], Token);
        if (inTheToolCall)
        {
            var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "pay")]));
            await store.CommitStepAsync(claim.Lease, new RunStep { Key = "1", Kind = RunStepKind.Model, Name = "a", Attempt = 1, Payload = JournalFormat.WriteResponse(response) }, [], Token);
        }
    }

    private static InMemoryRunStore NewStore() => new(Options.Create(new RunStoreOptions()), TimeProvider.System, NullLogger<InMemoryRunStore>.Instance);

    private static Task<TestHost> StartAsync(ScriptedChatClient model, InMemoryRunStore store) => TestHost.StartAsync(hosting =>
    {
        hosting.Services.AddSingleton<IRunStore>(store);
        hosting.AddModel("m", _ => model).AddAgent("a");
    });

    private static async Task<List<string>> TextsAsync(TestHost host)
    {
        var conversation = await host.Services.GetRequiredService<IAgentSessionClient>().GetAsync(AgentIdentity.Anonymous, "s", Token);
        return [.. conversation!.Turns.SelectMany(static turn => turn.Messages).Select(static message => message.Text)];
    }
}
