using System.Text;
using AgentHosting.Agents;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>What a run began from holds to its end, and a replay that asks anything else fails.</summary>
public sealed class RunStartTests
{
    private int _adds;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_DefinitionChangedBetweenAttempts_SendsWhatItBeganWith()
    {
        using var expected = Provider();
        await using var alone = await AttemptHost.StartAsync(Configure(expected, Old));
        await alone.FinishAsync(await alone.SubmitAsync());

        for (var lastWrite = 1; lastWrite <= 4; lastWrite++)
        {
            using var provider = Provider();
            await using var before = await AttemptHost.StartAsync(Configure(provider, Old));
            await using var after = await AttemptHost.StartAsync(Configure(provider, New), before);
            var runId = await before.SubmitAsync();
            await before.ExecuteUntilLostAsync(runId, lastWrite);
            var run = await after.FinishAsync(runId);

            Assert.Equal(("Done.", 3), (run.Result, provider.Requests.Count));
            Assert.Equal(expected.Requests, provider.Requests);
        }

        static void Old(AgentBuilder agent) => agent.WithInstructions("Old.").WithModel("mini").Configure(static options => (options.Temperature, options.MaxOutputTokens, options.MaxIterations) = (0.7f, 500, 9));
        static void New(AgentBuilder agent) => agent.WithInstructions("New.").WithModel("maxi").Configure(static options => (options.Temperature, options.MaxOutputTokens, options.MaxIterations) = (null, 900, 1));
    }

    [Fact]
    public async Task Run_ToolIsGoneAtTheNextAttempt_ItsCallIsReplayed()
    {
        using var provider = Provider();
        await using var before = await AttemptHost.StartAsync(Configure(provider));
        await using var after = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => provider).AddAgent(AttemptHost.Agent), before);
        var runId = await before.SubmitAsync();
        // Start, model, tool, model, tool: the model is to be asked for the last time.
        await before.ExecuteUntilLostAsync(runId, 5);
        var run = await after.FinishAsync(runId);

        Assert.Equal(("Done.", 2), (run.Result, _adds));
        Assert.Contains("\"result\":7", provider.Requests[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhatItBeganFrom_IsShownToNobody()
    {
        using var provider = Provider();
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync(session: "s");
        await host.ExecuteUntilLostAsync(runId, 2);
        var claim = await host.ClaimAsync();
        var page = await host.Store.ReadEventsAsync(runId, 0, 100, Token);
        await host.Store.CancelAsync(runId, Token);
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
        var turn = Assert.Single((await host.Store.GetSessionAsync(claim.Run.Identity, "s", Token))!.Turns);

        Assert.Equal(["0", "1"], claim.Journal.Select(static step => step.Key));
        Assert.Equal(["1"], claim.Run.Steps.Select(static step => step.Key));
        Assert.DoesNotContain(page!.Events, static runEvent => runEvent.Step == RunStart.Key);
        Assert.Equal(["1"], turn.Journal.Select(static step => step.Key));
    }

    [Theory]
    [InlineData("0", "other instructions")]
    [InlineData("1", "other fingerprint")]
    [InlineData("1.0", "other fingerprint")]
    [InlineData("1.0", "other name")]
    [InlineData("2", "other fingerprint")]
    [InlineData("1.0", "other result")]
    [InlineData("1", "other kind")]
    public async Task Run_JournalAnswersAnotherRequest_FailsAtOnceAndCallsNothing(string key, string change)
    {
        using var provider = Provider();
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync(session: "s");
        await host.ExecuteUntilLostAsync(runId, 4);
        await host.ExecuteAsync(Changed(await host.ClaimAsync(), key, change));
        var run = await host.GetAsync(runId);

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.JournalMismatch, 1), (run.Status, run.Error?.Code, run.Failures));
        Assert.Equal((2, 1), (provider.Requests.Count, _adds));
    }

    [Fact]
    public async Task Run_JournalWithoutFingerprints_IsReplayed()
    {
        using var provider = Provider();
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync();
        await host.ExecuteUntilLostAsync(runId, 4);
        var claim = await host.ClaimAsync();
        await host.ExecuteAsync(With(claim, [.. claim.Journal.Where(static step => step.Key != RunStart.Key).Select(static step => Copy(step, version: 1))]));

        Assert.Equal(("Done.", 3, 2), ((await host.GetAsync(runId)).Result, provider.Requests.Count, _adds));
    }

    [Fact]
    public async Task Run_CancelledBeforeItsReplayIsThrough_SessionKeepsWhatWasDone()
    {
        using var provider = Provider();
        await using var host = await AttemptHost.StartAsync(Configure(provider));
        var runId = await host.SubmitAsync(session: "s");
        await host.ExecuteUntilLostAsync(runId, 3);
        var claim = await host.ClaimAsync();
        await host.ExecuteAsync(claim, first: static attempt => attempt.Stop(RunStopReason.Cancelled));

        Assert.Equal(AgentRunStatus.Cancelled, (await host.GetAsync(runId)).Status);
        var messages = RunTranscript.MessagesOf(Assert.Single((await host.Store.GetSessionAsync(claim.Run.Identity, "s", Token))!.Turns));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool], messages.Select(static message => message.Role));
        Assert.Equal("3", messages[2].Contents.OfType<FunctionResultContent>().Single().Result!.ToString());
    }

    private static ClaimedRun Changed(ClaimedRun claim, string key, string change) => With(claim, [.. claim.Journal.Select(step => step.Key != key ? step : change switch
    {
        "other instructions" => Copy(step, payload: Encoding.UTF8.GetString(step.Payload.Span).Replace("Be brief.", "Be long.", StringComparison.Ordinal)),
        "other fingerprint" => Copy(step, fingerprint: new string('0', 64)),
        "other name" => Copy(step, name: "subtract"),
        "other kind" => Copy(step, kind: RunStepKind.Tool),
        _ => Copy(step, payload: Encoding.UTF8.GetString(step.Payload.Span).Replace("3", "4", StringComparison.Ordinal)),
    })]);

    private static ClaimedRun With(ClaimedRun claim, IReadOnlyList<RunStep> journal) => new()
    {
        Lease = claim.Lease,
        Run = claim.Run,
        Journal = journal,
        Session = claim.Session,
        UnfinishedSteps = claim.UnfinishedSteps,
    };

    private static RunStep Copy(RunStep step, string? name = null, RunStepKind? kind = null, string? fingerprint = null, string? payload = null, int? version = null) => new()
    {
        Key = step.Key,
        Kind = kind ?? step.Kind,
        Name = name ?? step.Name,
        Attempt = step.Attempt,
        Version = version ?? step.Version,
        Fingerprint = version is null ? fingerprint ?? step.Fingerprint : null,
        Payload = payload is null ? step.Payload : Encoding.UTF8.GetBytes(payload),
    };

    private static ProviderChatClient Provider() => new(
        streams: false,
        new ChatResponse(new ChatMessage(ChatRole.Assistant, [Call(1, 2)])),
        new ChatResponse(new ChatMessage(ChatRole.Assistant, [Call(3, 4)])),
        new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));

    private static FunctionCallContent Call(int a, int b) => new("call_0", "add", new Dictionary<string, object?> { ["a"] = a, ["b"] = b });

    private Action<IAgentHostingBuilder> Configure(IChatClient provider, Action<AgentBuilder>? agent = null) => hosting => hosting
        .AddModel("mini", _ => provider)
        .AddModel("maxi", _ => provider)
        .AddAgent(AttemptHost.Agent, builder =>
        {
            builder.WithInstructions("Be brief.").WithTool(AIFunctionFactory.Create(
                (int a, int b) =>
                {
                    _adds++;
                    return a + b;
                },
                "add"));
            agent?.Invoke(builder);
        });
}
