using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Runs that wait for a person: nothing runs twice, nothing runs without an approval, and the provider sees each call with its result.</summary>
public sealed class RunApprovalTests
{
    private int _transfers;
    private int _searches;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_HighRisk_WaitsAndRunsOnceAfterTheApproval(bool concurrent)
    {
        using var model = Model(Call(5));
        await using var host = await StartAsync(model, concurrent);
        var run = await UntilWaitingAsync(host, "pay bob");

        var wait = Assert.Single(run.Waits);
        Assert.Equal(("transfer", "1.0/approval", RunStepKind.Approval, 5), (wait.Name, wait.Key, wait.Kind, wait.Arguments!.Value.GetProperty("amount").GetInt32()));
        Assert.Equal((0, 1), (_transfers, model.Requests.Count));
        Assert.Equal((1, 0), (await WaitingAsync(host), await RunningAsync(host)));
        Assert.Equal(RunAnswerOutcome.Accepted, await AnswerAsync(host, run, true));
        var ended = await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal((AgentRunStatus.Succeeded, "done", 1, 1, 2), (ended!.Status, ended.Result, ended.Attempts, _transfers, model.Requests.Count));
        Assert.Equal(["1", "1.0/approval", "1.0", "2"], ended.Steps.Select(static step => step.Key));
        Assert.Equal("sent 5", ResultSeenBy(model, "c0"));
        Assert.Equal(
            ["run.queued", "run.started", "step.started", "tool.call", "step.completed", "approval.requested", "run.waiting", "approval.answered", "run.started", "step.started", "tool.result", "step.completed", "step.started", "text.delta", "step.completed", "run.completed"],
            (await host.EventsAsync(run.Id)).Where(static told => told.Type != AgentRunEventTypes.Usage).Select(static told => told.Type));
    }

    [Fact]
    public async Task Run_Rejected_ModelReadsTheReasonAndNothingRan()
    {
        using var model = Model(Call(5));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay bob");
        await AnswerAsync(host, run, false, "too much");
        var ended = await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal((AgentRunStatus.Succeeded, 0), (ended!.Status, _transfers));
        Assert.Contains("too much", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NobodyAnswersInTime_GoesOnWithoutTheCall()
    {
        using var model = Model(Call(5));
        await using var host = await StartAsync(model, lifetime: TimeSpan.FromMilliseconds(200));
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "pay bob" }, Token);
        var ended = await host.Client.WaitAsync(submission.RunId, Token);

        Assert.Equal((AgentRunStatus.Succeeded, 0, 1), (ended!.Status, _transfers, ended.Attempts));
        Assert.Contains("in time", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
        var request = (await host.EventsAsync(submission.RunId)).Single(static told => told.Type == AgentRunEventTypes.ApprovalRequested).RequestId!;
        Assert.Equal(RunAnswerOutcome.Conflict, await host.Client.AnswerApprovalAsync(submission.RunId, request, new AgentRunApproval { Approved = true }, Token));
        Assert.Equal(0, _transfers);
    }

    [Fact]
    public async Task Answer_AgainOppositeAndForged_FirstHolds()
    {
        using var model = Model(Call(5));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay bob");
        Assert.Equal(RunAnswerOutcome.NotFound, await host.Client.AnswerApprovalAsync(run.Id, "apr_0", new AgentRunApproval { Approved = true }, Token));
        Assert.Equal(RunAnswerOutcome.NotFound, await host.Client.AnswerApprovalAsync("run_0_x", run.Waits[0].RequestId, new AgentRunApproval { Approved = true }, Token));
        RunAnswerOutcome[] outcomes = [await AnswerAsync(host, run, true), await AnswerAsync(host, run, true), await AnswerAsync(host, run, false)];
        await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal([RunAnswerOutcome.Accepted, RunAnswerOutcome.Repeated, RunAnswerOutcome.Conflict], outcomes);
        Assert.Equal(RunAnswerOutcome.Repeated, await AnswerAsync(host, run, true));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(host, run, false));
        Assert.Equal(1, _transfers);
    }

    [Fact]
    public async Task Answer_ManyAtOnce_OneIsAcceptedAndTheToolRunsOnceAtMost()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            _transfers = 0;
            var random = new Random(seed);
            using var model = Model(Call(5));
            await using var host = await StartAsync(model);
            var run = await UntilWaitingAsync(host, "pay bob");
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => random.Next(2) == 0)
                .Select(approved => Task.Run(async () => (Approved: approved, Outcome: await AnswerAsync(host, run, approved)))));
            var accepted = Assert.Single(answers, static answer => answer.Outcome == RunAnswerOutcome.Accepted);
            Assert.All(answers, answer => Assert.True(
                answer.Outcome == (answer.Approved == accepted.Approved ? RunAnswerOutcome.Repeated : RunAnswerOutcome.Conflict) || answer == accepted, $"seed {seed}"));
            await host.Client.WaitAsync(run.Id, Token);
            Assert.True(_transfers == (accepted.Approved ? 1 : 0), $"seed {seed}: {_transfers}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_SiblingNeedsNoApproval_RunsOnceBesideTheWait(bool concurrent)
    {
        using var model = Model(Call(5), new ScriptedToolCall("search", """{"query":"x"}""", "c1"));
        await using var host = await StartAsync(model, concurrent);
        var run = await UntilWaitingAsync(host, "pay bob");
        Assert.Equal((0, 1), (_transfers, _searches));
        await AnswerAsync(host, run, true);
        await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal((1, 1, 2), (_transfers, _searches, model.Requests.Count));
        Assert.Equal(("sent 5", "found"), (ResultSeenBy(model, "c0"), ResultSeenBy(model, "c1")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_TwoWaitAtOnce_EachRunsByItsOwnAnswer(bool concurrent)
    {
        using var model = Model(Call(5), Call(7, "c1"));
        await using var host = await StartAsync(model, concurrent);
        var run = await UntilWaitingAsync(host, "pay bob and eve");
        Assert.Equal(2, run.Waits.Count);
        Assert.NotEqual(run.Waits[0].RequestId, run.Waits[1].RequestId);

        // The later one first: the run wakes up, makes that call and waits again.
        await AnswerAsync(host, run, true, wait: 1);
        await UntilAsync(host, run.Id, static run => run.Status == AgentRunStatus.Waiting && run.Waits.Count == 1 && run.Steps.Any(static step => step.Key == "1.1"));
        Assert.Equal((1, 1), (_transfers, model.Requests.Count));
        await AnswerAsync(host, run, false, "no");
        await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal((1, 2), (_transfers, model.Requests.Count));
        Assert.Equal("sent 7", ResultSeenBy(model, "c1"));
        Assert.Contains("rejected", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NestedInASecondRound_WaitsTwice()
    {
        using var model = new ScriptedChatClient(request => request.CallIndex < 2 ? ScriptedTurn.ToolCalls([Call(request.CallIndex + 1)]) : ScriptedTurn.Text("done"));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay twice");
        await AnswerAsync(host, run, true);
        var second = await UntilAsync(host, run.Id, static run => run.Status == AgentRunStatus.Waiting && run.Waits is [{ Key: "2.0/approval" }]);
        Assert.Equal(1, _transfers);
        await AnswerAsync(host, second, true);
        var ended = await host.Client.WaitAsync(run.Id, Token);

        Assert.Equal((AgentRunStatus.Succeeded, 2, 3), (ended!.Status, _transfers, model.Requests.Count));
    }

    [Fact]
    public async Task Run_ArgumentsThatDoNotFit_ArePutRightBeforeAnybodyIsAsked()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("transfer", """{"amount":"much"}""", "c0"), ScriptedTurn.Text("done"));
        await using var host = await StartAsync(model);
        var run = await host.RunAsync("pay bob");

        Assert.Equal((AgentRunStatus.Succeeded, 0), (run.Status, _transfers));
        Assert.DoesNotContain(await host.EventsAsync(run.Id), static told => told.Type == AgentRunEventTypes.ApprovalRequested);
    }

    [Fact]
    public async Task Cancel_WhileItWaits_EndsAtOnceAndTheSessionTellsTheTruth()
    {
        using var model = new ScriptedChatClient(request => request.CallIndex == 0 ? ScriptedTurn.ToolCalls([Call(5)]) : ScriptedTurn.Text("what else?"));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay bob", "s");
        var busy = await Assert.ThrowsAsync<SessionBusyException>(async () => await host.RunAsync("hello?", "s"));
        Assert.Equal((run.Id, run.Waits[0].RequestId), (busy.RunId, busy.RequestId));
        Assert.Equal(RunCancelOutcome.Cancelled, await host.Client.CancelAsync(run.Id, Token));
        Assert.Equal(RunAnswerOutcome.Ended, await AnswerAsync(host, run, true));
        await host.RunAsync("hello?", "s");

        Assert.Equal(0, _transfers);
        var seen = model.Requests[^1].Messages;
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.User], seen.Select(static message => message.Role));
        Assert.Contains("was not made", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WorkerStopsWhileItWaits_AnotherTakesItUp()
    {
        using var model = Model(Call(5));
        await using var first = await StartAsync(model);
        var run = await UntilWaitingAsync(first, "pay bob");
        await using var second = await StartAsync(model, store: first.Store);
        await first.StopAsync();
        await AnswerAsync(second, run, true);
        var ended = await second.Client.WaitAsync(run.Id, Token);

        Assert.Equal((AgentRunStatus.Succeeded, 1, 2), (ended!.Status, _transfers, model.Requests.Count));
    }

    [Fact]
    public async Task Run_ToolChangedSinceItWasAskedAbout_DoesNotRun()
    {
        using var model = Model(Call(5));
        await using var first = await StartAsync(model);
        var run = await UntilWaitingAsync(first, "pay bob");
        var other = AIFunctionFactory.Create((int amount, string? note = null) => Interlocked.Increment(ref _transfers), "transfer");
        await using var second = await StartAsync(model, store: first.Store, transfer: other);
        await first.StopAsync();
        await AnswerAsync(second, run, true);
        await second.Client.WaitAsync(run.Id, Token);

        Assert.Equal(0, _transfers);
        Assert.Contains("not made", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SupersededByAMessage_CallIsRejectedAndTheConversationGoesOn()
    {
        using var model = Model(Call(5), Call(6, "c1"));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay bob", "s");
        await Assert.ThrowsAsync<SessionBusyException>(async () => await host.Client.SubmitAsync(new AgentRunRequest { Message = "stop", SessionId = "s" }, Token));
        var next = await host.Client.SubmitAsync(new AgentRunRequest { Message = "stop", SessionId = "s", Supersede = true }, Token);
        await host.Client.WaitAsync(next.RunId, Token);

        var ended = (await host.Client.GetAsync(run.Id, Token))!;
        Assert.Equal((AgentRunStatus.Succeeded, "done", 0), (ended.Status, ended.Result, _transfers));
        Assert.Contains("superseded", ResultSeenBy(model, "c0"), StringComparison.Ordinal);
        Assert.Contains("superseded", ResultSeenBy(model, "c1"), StringComparison.Ordinal);
        Assert.Equal(["user", "assistant", "tool", "assistant", "user"], model.Requests[^1].Messages.Select(static message => message.Role.Value));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(host, run, true));
    }

    [Theory]
    [InlineData(SessionBusyPolicy.Interrupt)]
    [InlineData(SessionBusyPolicy.Rollback)]
    public async Task Run_WaitsAndAMessageEndsIt_ProviderSeesNoOrphan(SessionBusyPolicy policy)
    {
        using var model = Model(Call(5));
        await using var host = await StartAsync(model);
        var run = await UntilWaitingAsync(host, "pay bob", "s");
        var next = await host.Client.SubmitAsync(new AgentRunRequest { Message = "stop", SessionId = "s", OnBusy = policy }, Token);
        await host.Client.WaitAsync(next.RunId, Token);

        Assert.Equal(AgentRunStatus.Cancelled, (await host.Client.GetAsync(run.Id, Token))!.Status);
        Assert.Equal(0, _transfers);
        string[] expected = policy == SessionBusyPolicy.Interrupt ? ["user", "assistant", "tool", "user"] : ["user"];
        Assert.Equal(expected, model.Requests[^1].Messages.Select(static message => message.Role.Value));
        Assert.Equal(RunAnswerOutcome.Ended, await AnswerAsync(host, run, true));
    }

    private static ScriptedToolCall Call(int amount, string id = "c0") => new("transfer", $$"""{"amount":{{amount}}}""", id);

    private static ScriptedChatClient Model(params ScriptedToolCall[] calls) =>
        new(request => request.CallIndex == 0 ? ScriptedTurn.ToolCalls(calls) : ScriptedTurn.Text("done"));

    private async Task<TestHost> StartAsync(
        ScriptedChatClient model, bool concurrent = false, TimeSpan? lifetime = null, IRunStore? store = null, AIFunction? transfer = null)
    {
        transfer ??= AIFunctionFactory.Create(
            (int amount) =>
            {
                Interlocked.Increment(ref _transfers);
                return $"sent {amount}";
            },
            "transfer");
        var search = AIFunctionFactory.Create(
            (string query) =>
            {
                Interlocked.Increment(ref _searches);
                return "found";
            },
            "search");
        return await TestHost.StartAsync(hosting =>
        {
            hosting.AddModel("mini", _ => model)
                .AddToolValidation(options => options.ApprovalLifetime = lifetime ?? TimeSpan.FromMinutes(15))
                .AddAgent("a", agent => agent.WithTool(transfer, ToolRisk.High).WithTool(search, ToolRisk.Low).Configure(options => options.ConcurrentTools = concurrent));
            if (store is not null)
            {
                hosting.Services.AddSingleton(store);
            }
        });
    }

    private static async Task<AgentRun> UntilWaitingAsync(TestHost host, string message, string? session = null)
    {
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = message, SessionId = session }, Token);
        return await UntilAsync(host, submission.RunId, static run => run.Status == AgentRunStatus.Waiting);
    }

    private static async Task<AgentRun> UntilAsync(TestHost host, string runId, Func<AgentRun, bool> condition)
    {
        await foreach (var _ in host.Client.WatchAsync(runId, 0, Token))
        {
            if (await host.Client.GetAsync(runId, Token) is { } run && condition(run))
            {
                return run;
            }
        }

        throw new InvalidOperationException("The run ended first.");
    }

    private static async Task<RunAnswerOutcome> AnswerAsync(TestHost host, AgentRun run, bool approved, string? reason = null, int wait = 0) =>
        await host.Client.AnswerApprovalAsync(run.Id, run.Waits[wait].RequestId, new AgentRunApproval { Approved = approved, Reason = reason, Approver = "ann" }, Token);

    private static async Task<long> WaitingAsync(TestHost host) => (await host.Store.GetStatisticsAsync(Token)).Waiting;

    private static async Task<long> RunningAsync(TestHost host) => (await host.Store.GetStatisticsAsync(Token)).Running;

    private static string ResultSeenBy(ScriptedChatClient model, string callId) => model.Requests[^1].Messages
        .SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Single(result => result.CallId == callId).Result!.ToString()!;
}
