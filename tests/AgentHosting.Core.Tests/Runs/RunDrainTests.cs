using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

public sealed class RunDrainTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(60, false)]
    public void HasTimeForRound_AfterTime_WhileTheLongestModelAndToolCallFitWithAQuarterOnTop(int seconds, bool expected)
    {
        var time = new FakeTimeProvider();
        var drain = new RunDrain(time);
        drain.Note(Step(RunStepKind.Model, 3));
        drain.Note(Step(RunStepKind.Model, 2));
        drain.Note(Step(RunStepKind.Tool, 1));
        drain.Note(Step(RunStepKind.Code, 100));
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(drain.HasTimeForRound);

        drain.Begin(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, drain.HasTimeForRound);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public void HasTimeForTool_AfterTime_WhileTheLongestToolCallFitsWithAQuarterOnTop(int seconds, bool expected)
    {
        var time = new FakeTimeProvider();
        var drain = new RunDrain(time);
        drain.Note(Step(RunStepKind.Model, 5));
        drain.Note(Step(RunStepKind.Tool, 2));
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(drain.HasTimeForTool);

        drain.Begin(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, drain.HasTimeForTool);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Run_WorkerDrainsBetweenTwoToolsOfARound_HandsBackBeforeOneThatWouldBeCutOffUnlessTheyRunAtOnce(bool concurrent, int calledFirst)
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCalls(new ScriptedToolCall("pay", "{}", "c0"), new ScriptedToolCall("pay", "{}", "c1")),
            ScriptedTurn.Text("Done."));
        var called = 0;
        Action<int>? onPay = null;
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent(AttemptHost.Agent, agent => agent
            .Configure(options => options.ConcurrentTools = concurrent)
            .WithTool(AIFunctionFactory.Create(
                () => onPay!(Interlocked.Increment(ref called)),
                "pay"))));
        using var drain = new RunDrain(host.Time);
        onPay = number =>
        {
            if (number == 1)
            {
                drain.Begin(TimeSpan.FromSeconds(5));
                host.Time.Advance(TimeSpan.FromSeconds(3));
            }
        };
        var runId = await host.SubmitAsync();

        using (var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!) { Drain = drain })
        {
            await host.ExecuteAsync(attempt);
        }

        Assert.Equal(calledFirst, called);
        var run = await host.FinishAsync(runId);
        Assert.Equal((AgentRunStatus.Succeeded, "Done.", 2, 2), (run.Status, run.Result, called, model.CallCount));
        Assert.Equal((1, 0), (run.Attempts, run.Failures));
        var results = model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().ToArray();
        Assert.Equal(2, results.Length);
        Assert.All(results, static result => Assert.DoesNotContain("Error", $"{result.Result}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WorkerDrainsWhileAToolOfTheRoundWaits_IsLaidAsideAndTheToolGoesOnWithItsAnswer()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCalls(new ScriptedToolCall("order", "{}", "c0"), new ScriptedToolCall("pay", "{}", "c1")),
            ScriptedTurn.Text("Done."));
        var paid = 0;
        RunDrain? drain = null;
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent(AttemptHost.Agent, agent => agent
            .WithTool(AIFunctionFactory.Create(
                async (AIFunctionArguments arguments, CancellationToken token) =>
                {
                    drain!.Begin(TimeSpan.FromSeconds(5));
                    return (await arguments.Services!.GetRequiredService<AgentRunContext>().WaitForEventAsync("ordered", cancellationToken: token))!.Value.GetString();
                },
                "order"))
            .WithTool(AIFunctionFactory.Create(() => paid++, "pay"))));
        using var begun = drain = new RunDrain(host.Time);
        drain.Note(Step(RunStepKind.Tool, 10));
        var runId = await host.SubmitAsync();

        using (var attempt = new RunAttempt(await host.ClaimAsync(), host.Agents.Find(AttemptHost.Agent)!) { Drain = drain })
        {
            await host.ExecuteAsync(attempt);
        }

        Assert.Equal((AgentRunStatus.Waiting, 1), ((await host.GetAsync(runId)).Status, paid));
        await host.Client.RaiseEventAsync(runId, "ordered", JsonDocument.Parse("\"number 42\"").RootElement, cancellationToken: TestContext.Current.CancellationToken);
        var run = await host.FinishAsync(runId);
        Assert.Equal((AgentRunStatus.Succeeded, "Done.", 1), (run.Status, run.Result, paid));
        Assert.Equal("number 42", $"{model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().First().Result}");
    }

    private static RunStep Step(RunStepKind kind, int seconds) => new() { Key = "1", Kind = kind, Name = "step", Attempt = 1, Duration = TimeSpan.FromSeconds(seconds) };
}
