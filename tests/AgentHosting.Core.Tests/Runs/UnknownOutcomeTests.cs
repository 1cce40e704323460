using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A call of a tool with effects that a lost worker had begun: by policy a person is asked whether to repeat it.</summary>
public sealed class UnknownOutcomeTests
{
    private readonly List<string> _keys = [];
    private int _searches;
    private Action? _onCall;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approve_CallIsMadeAgainWithTheSameKey()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");

        var wait = Assert.Single(run.Waits);
        Assert.Equal(("1.0/repeat", "transfer", RunStepKind.Approval, "finance", 5), (wait.Key, wait.Name, wait.Kind, wait.Approver, wait.Arguments!.Value.GetProperty("amount").GetInt32()));
        Assert.Contains("not known", wait.Reason, StringComparison.Ordinal);
        Assert.Equal(RunAnswerOutcome.Accepted, await AnswerAsync(host, run, true));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(host, run, false));
        await host.ExecuteAsync(await host.ClaimAsync());
        var ended = await host.GetAsync(run.Id);

        Assert.Equal((AgentRunStatus.Succeeded, "done"), (ended.Status, ended.Result));
        Assert.Equal(["1", "1.0/repeat", "1.0", "2"], ended.Steps.Select(static step => step.Key));
        Assert.Equal([$"{run.Id}/1.0", $"{run.Id}/1.0"], _keys);
        Assert.Equal("sent 5", ResultSeenBy(model, "c0"));
    }

    [Fact]
    public async Task Reject_ModelIsToldAndNothingIsRepeated()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");
        await AnswerAsync(host, run, false, "I saw it go out.");
        await host.ExecuteAsync(await host.ClaimAsync());
        var ended = await host.GetAsync(run.Id);

        Assert.Equal((AgentRunStatus.Succeeded, true), (ended.Status, ended.Steps.Single(static step => step.Key == "1.0").HasEffects));
        Assert.Single(_keys);
        Assert.Contains("not known", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
        Assert.Contains("I saw it go out.", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
        Assert.Equal(ToolErrorCodes.OutcomeUnknown, (await EventsAsync(host, run.Id)).Single(static told => told.Type == AgentRunEventTypes.ToolResult).Error!.Code);
    }

    [Fact]
    public async Task NobodyAnswersInTime_ModelIsToldAndNothingIsRepeated()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");
        host.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(host, run, true));
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal(AgentRunStatus.Succeeded, (await host.GetAsync(run.Id)).Status);
        Assert.Single(_keys);
        Assert.Contains("nobody answered in time", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SupersededByAMessage_ModelIsToldAndNothingIsRepeated()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go", "s");
        await host.Client.SubmitAsync(new AgentRunRequest { Message = "Stop", SessionId = "s", Supersede = true }, Token);
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal(AgentRunStatus.Succeeded, (await host.GetAsync(run.Id)).Status);
        Assert.Single(_keys);
        Assert.Contains("superseded", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancelledWhileItWaits_SessionSaysThatTheOutcomeIsUnknown()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go", "s");
        Assert.Equal(RunCancelOutcome.Cancelled, await host.Client.CancelAsync(run.Id, Token));
        await host.FinishAsync(await host.SubmitAsync("And?", "s"));

        Assert.Single(_keys);
        Assert.Contains("Whether it took effect is not known", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkerLostAgainWhileItRepeats_AsksAnew()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");
        await AnswerAsync(host, run, true);
        await LoseInCallAsync(host, run.Id);
        await host.ExecuteAsync(await host.ClaimAsync());
        var again = await host.GetAsync(run.Id);

        Assert.Equal((AgentRunStatus.Waiting, "1.0/repeat2", 2), (again.Status, Assert.Single(again.Waits).Key, _keys.Count));
        Assert.NotEqual(run.Waits[0].RequestId, again.Waits[0].RequestId);
        await AnswerAsync(host, again, true);
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal((AgentRunStatus.Succeeded, 3), ((await host.GetAsync(run.Id)).Status, _keys.Count));
        Assert.Equal("sent 5", ResultSeenBy(model, "c0"));
    }

    [Fact]
    public async Task WorkerLostBetweenQuestionAndSuspension_TheAnswerHolds()
    {
        using var model = Model();
        await using var host = await StartAsync(model);
        var runId = await host.SubmitAsync("Go");
        await LoseInCallAsync(host, runId);
        await host.ExecuteUntilLostAsync(runId, 1);
        var run = await host.GetAsync(runId);
        Assert.Equal("1.0/repeat", Assert.Single(run.Waits).Key);
        await AnswerAsync(host, run, true);
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal((AgentRunStatus.Succeeded, 2), ((await host.GetAsync(runId)).Status, _keys.Count));
    }

    [Fact]
    public async Task Sibling_RunsBesideTheQuestionOnce()
    {
        using var model = Model(new ScriptedToolCall("search", """{"query":"x"}""", "c1"));
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");
        Assert.Equal(1, _searches);
        await AnswerAsync(host, run, true);
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal((AgentRunStatus.Succeeded, 2, 1), ((await host.GetAsync(run.Id)).Status, _keys.Count, _searches));
        Assert.Equal(("sent 5", "found"), (ResultSeenBy(model, "c0"), ResultSeenBy(model, "c1")));
    }

    [Fact]
    public async Task SiblingIsAnsweredFirst_TheQuestionStaysOpen()
    {
        using var model = Model(new ScriptedToolCall("erase", "{}", "c1"));
        await using var host = await StartAsync(model);
        var run = await UntilAskedAsync(host, "Go");
        Assert.Equal(["1.0/repeat", "1.1/approval"], run.Waits.Select(static wait => wait.Key).Order(StringComparer.Ordinal));
        await AnswerAsync(host, run, true, key: "1.1/approval");
        await host.ExecuteAsync(await host.ClaimAsync());
        var waiting = await host.GetAsync(run.Id);

        Assert.Equal((AgentRunStatus.Waiting, "1.0/repeat", 1), (waiting.Status, Assert.Single(waiting.Waits).Key, _keys.Count));
        await AnswerAsync(host, waiting, true);
        await host.ExecuteAsync(await host.ClaimAsync());
        Assert.Equal((AgentRunStatus.Succeeded, 2), ((await host.GetAsync(run.Id)).Status, _keys.Count));
    }

    [Fact]
    public async Task ToolThatNeedsAnApproval_IsAskedOnceForItAndOnceForTheRepeat()
    {
        using var model = Model();
        await using var host = await StartAsync(model, ToolRisk.High);
        var runId = await host.SubmitAsync("Go");
        await host.ExecuteAsync(await host.ClaimAsync());
        await AnswerAsync(host, await host.GetAsync(runId), true);
        await LoseInCallAsync(host, runId);
        await host.ExecuteAsync(await host.ClaimAsync());
        var run = await host.GetAsync(runId);
        Assert.Equal(("1.0/repeat", "finance"), (Assert.Single(run.Waits).Key, run.Waits[0].Approver));
        await AnswerAsync(host, run, true);
        await host.ExecuteAsync(await host.ClaimAsync());
        var ended = await host.GetAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, 2), (ended.Status, _keys.Count));
        Assert.Equal(["1", "1.0/approval", "1.0/repeat", "1.0", "2"], ended.Steps.Select(static step => step.Key));
    }

    [Fact]
    public async Task ToolThatSaysTellModel_NobodyIsAsked()
    {
        using var model = Model();
        await using var host = await StartAsync(model, ofTool: UnknownOutcomePolicy.TellModel);
        var runId = await host.SubmitAsync("Go");
        await LoseInCallAsync(host, runId);
        await host.ExecuteAsync(await host.ClaimAsync());

        Assert.Equal((AgentRunStatus.Succeeded, 1), ((await host.GetAsync(runId)).Status, _keys.Count));
        Assert.Contains("not known", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    private async Task<AgentRun> UntilAskedAsync(AttemptHost host, string message, string? session = null)
    {
        var runId = await host.SubmitAsync(message, session);
        await LoseInCallAsync(host, runId);
        await host.ExecuteAsync(await host.ClaimAsync());
        var run = await host.GetAsync(runId);
        Assert.Equal(AgentRunStatus.Waiting, run.Status);
        return run;
    }

    /// <summary>The worker dies when the tool has taken effect, before anybody knows.</summary>
    private async Task LoseInCallAsync(AttemptHost host, string runId)
    {
        await host.ExecuteUntilLostAsync(runId, began: store => _onCall = store.Lose);
        _onCall = null;
    }

    private Task<AttemptHost> StartAsync(ScriptedChatClient model, ToolRisk risk = ToolRisk.Medium, UnknownOutcomePolicy? ofTool = null) => AttemptHost.StartAsync(hosting => hosting
        .AddModel("mini", _ => model)
        .AddAgent(AttemptHost.Agent, agent => agent
            .WithTool(
                AIFunctionFactory.Create(
                    (AIFunctionArguments arguments, int amount) =>
                    {
                        _keys.Add(arguments.GetIdempotencyKey()!);
                        _onCall?.Invoke();
                        return $"sent {amount}";
                    },
                    "transfer"),
                options => (options.Risk, options.Approver, options.OnUnknownOutcome) = (risk, "finance", ofTool))
            .WithTool(AIFunctionFactory.Create((string query) => $"found{(++_searches > 0 ? "" : query)}", "search"), ToolRisk.Low)
            .WithTool(AIFunctionFactory.Create(static () => "erased", "erase"), ToolRisk.High)
            .Configure(static options => options.OnUnknownOutcome = UnknownOutcomePolicy.Ask)));

    private static ScriptedChatClient Model(params ScriptedToolCall[] beside) => new(request => request.CallIndex == 0
        ? ScriptedTurn.ToolCalls([new ScriptedToolCall("transfer", """{"amount":5}""", "c0"), .. beside])
        : ScriptedTurn.Text("done"));

    private static async Task<RunAnswerOutcome> AnswerAsync(AttemptHost host, AgentRun run, bool approved, string? reason = null, string? key = null) =>
        await host.Client.AnswerApprovalAsync(
            run.Id,
            run.Waits.First(wait => key is null || wait.Key == key).RequestId,
            new AgentRunApproval { Approved = approved, Reason = reason, Approver = "ann" },
            Token);

    private static async Task<IReadOnlyList<AgentRunEvent>> EventsAsync(AttemptHost host, string runId) =>
        (await host.Store.ReadEventsAsync(runId, 0, 1000, Token))!.Events;

    private static string ResultSeenBy(ScriptedChatClient model, string callId) => model.Requests[^1].Messages
        .SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single(result => result.CallId == callId).Result!.ToString()!;
}
