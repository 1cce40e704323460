using System.Diagnostics.Metrics;
using System.Text.Json;
using AgentHosting.Diagnostics;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Agents and tools that are code: what is journaled is not done again, a wait holds nothing, and code that catches everything gets nowhere.</summary>
public sealed class CodeAgentTests
{
    private readonly List<string> _done = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_StepsModelAndAnswer_AreJournaledInOrder()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            var price = await context.StepAsync("price", _ => Do("price", 5), CodeJson.Default.Int32, token);
            var plain = await context.ChatClient.GetResponseAsync($"{context.Message} {price}", cancellationToken: token);
            var streamed = "";
            await foreach (var update in context.ChatClient.GetStreamingResponseAsync("again", cancellationToken: token))
            {
                streamed += update.Text;
            }

            return $"{plain.Text}, {streamed}";
        });
        var run = await host.RunAsync("go", "s");

        Assert.Equal((AgentRunStatus.Succeeded, "echo go 5, echo again"), (run.Status, run.Result));
        Assert.Equal(
            [("s1", RunStepKind.Code, "price"), ("s2", RunStepKind.Model, "a"), ("s3", RunStepKind.Model, "a")],
            run.Steps.Select(static step => (step.Key, step.Kind, step.Name)));
        Assert.True(run.Usage.TotalTokens > 0);
        var turn = Assert.Single((await hosts.Store.GetSessionAsync(AgentIdentity.Anonymous, "s", Token))!.Turns);
        Assert.Equal(["go", "echo go 5, echo again"], AgentHosting.Runs.Internal.RunTranscript.MessagesOf(turn).Select(static message => message.Text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rollback_CodeHasDoneOrBegunAStep_IsRefused(bool isDone)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            await context.StepAsync("pay", step => isDone ? Do("pay", 5) : HangAsync(step), CodeJson.Default.Int32, token);
            await HangAsync(token);
            return "";
        });
        var first = await host.Client.SubmitAsync(new AgentRunRequest { Message = "go", SessionId = "s" }, Token);
        await reached.Task.WaitAsync(Token);
        var refused = await Assert.ThrowsAsync<SessionBusyException>(
            () => host.Client.SubmitAsync(new AgentRunRequest { Message = "no", SessionId = "s", OnBusy = SessionBusyPolicy.Rollback }, Token).AsTask());
        await host.Client.CancelAsync(first.RunId, Token);

        Assert.Equal((SessionBusyCodes.RollbackRefused, first.RunId), (refused.Code, refused.RunId));

        async Task<int> HangAsync(CancellationToken token)
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return 0;
        }
    }

    [Fact]
    public async Task Run_SecondMessageOfASession_SeesTheConversation()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync((context, _) => Task.FromResult(string.Join('|', context.GetConversation().Select(static message => message.Text))));
        await host.RunAsync("one", "s");

        Assert.Equal("one|one|two", (await host.RunAsync("two", "s")).Result);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_FailsAfterAStep_NothingJournaledIsDoneAgain(int failAfter)
    {
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text("said " + request.Messages[^1].Text));
        var failures = 0;
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(
            async (context, token) =>
            {
                var first = await context.StepAsync("first", _ => Do("first", 1), CodeJson.Default.Int32, token);
                FailOnce(1);
                var said = (await context.ChatClient.GetResponseAsync("x", cancellationToken: token)).Text;
                FailOnce(2);
                var third = await context.StepAsync("third", _ => Do("third", new Payment("p", 1.50m)), CodeJson.Default.Payment, token);
                FailOnce(3);
                return $"{first} {said} {third.Amount}";
            },
            model);
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, "1 said x 1.50", 1), (run.Status, run.Result, run.Failures));
        Assert.Equal(["first", "third"], _done);
        Assert.Equal(1, model.CallCount);

        void FailOnce(int place)
        {
            if (place == failAfter && failures++ == 0)
            {
                throw new IOException("The code failed.");
            }
        }
    }

    [Fact]
    public async Task Run_StepFails_IsTriedAgainAndNothingFollowsMeanwhile()
    {
        var tries = 0;
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            try
            {
                await context.StepAsync("fails", _ => ++tries < 3 ? throw new IOException("no") : Do("fails", 1), CodeJson.Default.Int32, token);
            }
            catch (IOException)
            {
                // As code does that means to go another way. A later attempt could not find it again.
                await context.StepAsync("other", _ => Do("other", 1), CodeJson.Default.Int32, token);
            }

            return "done";
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, 2, 3), (run.Status, run.Failures, tries));
        Assert.Equal(["fails"], _done);
    }

    [Fact]
    public async Task Delay_OfAWeek_HoldsNothingAndIsGoneOnWithByAnotherWorker()
    {
        var time = new FakeTimeProvider();
        using var hosts = new CodeAgentHost(time);
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text("said " + request.Messages[^1].Text));
        string runId;
        await using (var first = await hosts.StartAsync(CodeAsync, model))
        {
            runId = await CodeAgentHost.SubmitAsync(first);
            var waiting = await CodeAgentHost.UntilWaitingAsync(first, runId);
            var wait = Assert.Single(waiting.Waits);
            Assert.Equal((RunStepKind.Timer, "s3", TimeSpan.FromDays(7)), (wait.Kind, wait.Key, wait.DueAt - wait.CreatedAt));
        }

        for (var hour = 0; hour < 7 * 24; hour++)
        {
            var statistics = await hosts.Store.GetStatisticsAsync(Token);
            Assert.Equal((1, 0, 0, 0), (statistics.Waiting, statistics.Running, statistics.Ready, statistics.Blocked));
            await hosts.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
            time.Advance(TimeSpan.FromHours(1));
        }

        await using var second = await hosts.StartAsync(CodeAsync, model);
        var run = (await second.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Succeeded, "1 said before, said after", 1, 0), (run.Status, run.Result, run.Attempts, run.Failures));
        Assert.Equal(["first"], _done);
        Assert.Equal(2, model.CallCount);
        Assert.True(run.ElapsedInAttempts < TimeSpan.FromHours(1));

        async Task<string> CodeAsync(AgentRunContext context, CancellationToken token)
        {
            var first = await context.StepAsync("first", _ => Do("first", 1), CodeJson.Default.Int32, token);
            var before = await context.ChatClient.GetResponseAsync("before", cancellationToken: token);
            await context.DelayAsync(TimeSpan.FromDays(7), token);
            var after = await context.ChatClient.GetResponseAsync("after", cancellationToken: token);
            return $"{first} {before.Text}, {after.Text}";
        }
    }

    [Fact]
    public async Task WaitForEvent_Raised_GivesItsPayload()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            var payment = await context.WaitForEventAsync("paid", CodeJson.Default.Payment, cancellationToken: token);
            var raw = await context.WaitForEventAsync("raw", cancellationToken: token);
            return $"{payment!.Id} {payment.Amount} {raw!.Value.ValueKind}";
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        // Early, and of a name that is asked for later.
        Assert.Equal(RunAnswerOutcome.Accepted, await host.Client.RaiseEventAsync(runId, "raw", cancellationToken: Token));
        var waiting = await CodeAgentHost.UntilWaitingAsync(host, runId);
        Assert.Equal(RunAnswerOutcome.NotFound, await host.Client.AnswerApprovalAsync(runId, waiting.Waits[0].RequestId, new AgentRunApproval { Approved = true }, Token));
        var payment = JsonSerializer.SerializeToElement(new Payment("p1", 9.90m), CodeJson.Default.Payment);
        Assert.Equal(RunAnswerOutcome.Accepted, await host.Client.RaiseEventAsync(runId, "paid", payment, "i1", Token));
        var run = (await host.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Succeeded, "p1 9.90 Null"), (run.Status, run.Result));
        Assert.Equal(RunAnswerOutcome.Repeated, await host.Client.RaiseEventAsync(runId, "paid", payment, "i1", Token));
        Assert.Equal(RunAnswerOutcome.Ended, await host.Client.RaiseEventAsync(runId, "paid", payment, "i2", Token));
        Assert.Equal(RunAnswerOutcome.NotFound, await host.Client.RaiseEventAsync("run_0_x", "paid", cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await host.Client.RaiseEventAsync(runId, " ", cancellationToken: Token));
    }

    [Fact]
    public async Task WaitForEvent_TimeIsUp_GivesNothing()
    {
        var time = new FakeTimeProvider();
        using var hosts = new CodeAgentHost(time);
        string runId;
        await using (var host = await hosts.StartAsync(CodeAsync))
        {
            runId = await CodeAgentHost.SubmitAsync(host);
            await CodeAgentHost.UntilWaitingAsync(host, runId);
        }

        time.Advance(TimeSpan.FromDays(2));
        await using var again = await hosts.StartAsync(CodeAsync);

        Assert.Equal("nobody paid", (await again.Client.WaitAsync(runId, Token))!.Result);

        static async Task<string> CodeAsync(AgentRunContext context, CancellationToken token) =>
            await context.WaitForEventAsync("paid", TimeSpan.FromDays(1), token) is null ? "nobody paid" : "paid";
    }

    [Theory]
    [InlineData(true, "yes, because")]
    [InlineData(false, "no, because")]
    public async Task Ask_Answered_GivesTheAnswer(bool approved, string expected)
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            var answer = await context.AskAsync("refund", "Refund 5 euros?", approver: "finance", cancellationToken: token);
            return $"{(answer.Approved ? "yes" : "no")}, {answer.Reason}";
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        var wait = Assert.Single((await CodeAgentHost.UntilWaitingAsync(host, runId)).Waits);
        Assert.Equal((RunStepKind.Approval, "s1", "refund", "Refund 5 euros?", "finance"), (wait.Kind, wait.Key, wait.Name, wait.Reason, wait.Approver));
        await host.Client.AnswerApprovalAsync(runId, wait.RequestId, new AgentRunApproval { Approved = approved, Reason = "because" }, Token);

        Assert.Equal(expected, (await host.Client.WaitAsync(runId, Token))!.Result);
    }

    [Fact]
    public async Task Waits_SeveralAtOnce_AreAllOpenAndAnsweredInAnyOrder()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            var events = await Task.WhenAll(context.WaitForEventAsync("a", cancellationToken: token), context.WaitForEventAsync("b", cancellationToken: token));
            return string.Join(' ', events.Select(static payload => payload!.Value.GetInt32()));
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        Assert.Equal(["a", "b"], (await CodeAgentHost.UntilWaitingAsync(host, runId)).Waits.Select(static wait => wait.Name));
        await host.Client.RaiseEventAsync(runId, "b", JsonElement.Parse("2"), cancellationToken: Token);
        await CodeAgentHost.UntilWaitingAsync(host, runId, 2);
        await host.Client.RaiseEventAsync(runId, "a", JsonElement.Parse("1"), cancellationToken: Token);

        Assert.Equal("1 2", (await host.Client.WaitAsync(runId, Token))!.Result);
    }

    [Fact]
    public async Task Suspension_CodeCatchesEverything_CallsNothingAfterIt()
    {
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.Text("x"));
        var refused = 0;
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(
            async (context, token) =>
            {
                try
                {
                    await context.WaitForEventAsync("paid", cancellationToken: token);
                    return "paid";
                }
                catch (Exception)
                {
                    await TryAsync(() => context.StepAsync("after", _ => Do("after", 1), CodeJson.Default.Int32, token));
                    await TryAsync(() => context.ChatClient.GetResponseAsync("after", cancellationToken: token));
                    return "not paid";
                }
            },
            model);
        var runId = await CodeAgentHost.SubmitAsync(host);
        await CodeAgentHost.UntilWaitingAsync(host, runId);
        Assert.Equal((2, 0, 0), (refused, _done.Count, model.CallCount));
        await host.Client.RaiseEventAsync(runId, "paid", cancellationToken: Token);

        Assert.Equal("paid", (await host.Client.WaitAsync(runId, Token))!.Result);

        async Task TryAsync(Func<Task> call)
        {
            try
            {
                await call();
            }
            catch (Exception)
            {
                refused++;
            }
        }
    }

    [Fact]
    public async Task Suspension_CodeCatchesItForEver_FailsTheRun()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            while (!token.IsCancellationRequested)
            {
                try
                {
                    await context.WaitForEventAsync("paid", cancellationToken: token);
                    break;
                }
                catch (Exception)
                {
                }
            }

            return "paid";
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.Internal), (run.Status, run.Error!.Code));
        Assert.Contains("catches exceptions", run.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LeaseLost")]
    [InlineData("Throws")]
    public async Task Commit_IsNotStored_CodeThatCatchesEverythingCallsNothingAfterIt(string how)
    {
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.Text("x"));
        using var hosts = new CodeAgentHost();
        var store = RunStoreFaults.Around(hosts.Store);
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddSingleton(store.Store);
            hosting.AddModel("mini", _ => model).AddAgent("a", agent => agent
                .Configure(static options => options.MaxAttempts = 1)
                .RunsCode(async (context, token) =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        try
                        {
                            await context.StepAsync("step", _ => Do("step", 1), CodeJson.Default.Int32, token);
                            await context.ChatClient.GetResponseAsync("x", cancellationToken: token);
                        }
                        catch (Exception)
                        {
                        }
                    }

                    return "done";
                }));
        });
        store.OnCommit = how == "LeaseLost" ? () => RunWriteOutcome.LeaseLost : () => throw new IOException("The store is away.");
        var runId = await CodeAgentHost.SubmitAsync(host);
        await store.FirstFault.WaitAsync(Token);
        if (how == "Throws")
        {
            Assert.Equal(AgentRunStatus.Failed, (await host.Client.WaitAsync(runId, Token))!.Status);
        }

        await host.StopAsync();
        Assert.Equal((1, 0), (_done.Count, model.CallCount));
    }

    [Fact]
    public async Task Replay_NameChanged_FailsAsJournalMismatchAlsoWhereItIsCaught()
    {
        using var hosts = new CodeAgentHost();
        string runId;
        await using (var first = await hosts.StartAsync((context, token) => CodeAsync(context, "old", token)))
        {
            runId = await CodeAgentHost.SubmitAsync(first);
            await CodeAgentHost.UntilWaitingAsync(first, runId);
        }

        await using var second = await hosts.StartAsync((context, token) => CodeAsync(context, "new", token));
        await second.Client.RaiseEventAsync(runId, "go on", cancellationToken: Token);
        var run = (await second.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.JournalMismatch, 1), (run.Status, run.Error!.Code, run.Failures));
        Assert.Contains("'new'", run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["old"], _done);

        async Task<string> CodeAsync(AgentRunContext context, string name, CancellationToken token)
        {
            try
            {
                await context.StepAsync(name, _ => Do(name, 1), CodeJson.Default.Int32, token);
            }
            catch (Exception)
            {
            }

            await context.WaitForEventAsync("go on", cancellationToken: token);
            return "done";
        }
    }

    [Fact]
    public async Task Replay_WaitBecameAnother_FailsAsJournalMismatch()
    {
        using var hosts = new CodeAgentHost();
        string runId;
        await using (var first = await hosts.StartAsync(async (context, token) => (await context.AskAsync("q", "Old words?", cancellationToken: token)).Approved ? "yes" : "no"))
        {
            runId = await CodeAgentHost.SubmitAsync(first);
            var wait = (await CodeAgentHost.UntilWaitingAsync(first, runId)).Waits[0];
            await first.StopAsync();
            await first.Client.AnswerApprovalAsync(runId, wait.RequestId, new AgentRunApproval { Approved = true }, Token);
        }

        await using var second = await hosts.StartAsync(async (context, token) => (await context.AskAsync("q", "Give all away?", cancellationToken: token)).Approved ? "yes" : "no");

        Assert.Equal(AgentRunErrorCodes.JournalMismatch, (await second.Client.WaitAsync(runId, Token))!.Error!.Code);
    }

    [Fact]
    public async Task Steps_InsideAStep_AreRefused()
    {
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) => await context.StepAsync(
            "outer",
            async inner =>
            {
                var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => context.ChatClient.GetResponseAsync("x", cancellationToken: inner));
                return exception.Message;
            },
            CodeJson.Default.String,
            token));

        Assert.Contains("do not nest", (await host.RunAsync("go")).Result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_AfterTheCodeHasEnded_IsRefused()
    {
        AgentRunContext? kept = null;
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync((context, _) =>
        {
            kept = context;
            return Task.FromResult("done");
        });
        await host.RunAsync("go");

        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.StepAsync("late", _ => Do("late", 1), CodeJson.Default.Int32, Token));
        Assert.Empty(_done);
    }

    [Fact]
    public async Task Cancel_CodeIgnoresItsToken_EndsAllTheSame()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (_, _) =>
        {
            entered.SetResult();
            await release.Task;
            return "late";
        });
        using var abandoned = new MetricCollector<long>(host.Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, "agenthosting.runs.abandoned");
        var runId = await CodeAgentHost.SubmitAsync(host);
        await entered.Task.WaitAsync(Token);
        await host.Client.CancelAsync(runId, Token);
        var run = (await host.Client.WaitAsync(runId, Token))!;
        release.SetResult();

        Assert.Equal(AgentRunStatus.Cancelled, run.Status);
        Assert.Equal((1, "a"), (abandoned.LastMeasurement?.Value, abandoned.LastMeasurement?.Tags[TagNames.Agent]));
    }

    [Fact]
    public async Task Tool_WaitsInItsOwnCode_SiblingRunsAndItGoesOnFromItsJournal()
    {
        using var model = new ScriptedChatClient(static request => request.CallIndex == 0
            ? ScriptedTurn.ToolCalls([new ScriptedToolCall("order", "{}", "c0"), new ScriptedToolCall("search", "{}", "c1")])
            : ScriptedTurn.Text("said " + request.Messages[^1].Text));
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(
            hosting => hosting.AddAgent("a", agent => agent.WithTool(Order(), ToolRisk.Medium).WithTool(AIFunctionFactory.Create(() => Do("search", "found"), "search"), ToolRisk.Low)),
            model);
        var runId = await CodeAgentHost.SubmitAsync(host);
        var waiting = await CodeAgentHost.UntilWaitingAsync(host, runId);
        Assert.Equal("1.0/s2", Assert.Single(waiting.Waits).Key);
        Assert.Equal(["reserve", "search"], _done);
        Assert.Equal(1, model.CallCount);
        await host.Client.RaiseEventAsync(runId, "paid", JsonElement.Parse("\"p1\""), cancellationToken: Token);
        var run = (await host.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Succeeded, 1), (run.Status, run.Attempts));
        Assert.Equal(["reserve", "search", "ship"], _done);
        Assert.Equal(["1", "1.0/s1", "1.1", "1.0/s2", "1.0/s3", "1.0", "2"], run.Steps.Select(static step => step.Key));
        Assert.Equal("ordered p1", model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().First().Result!.ToString());

        AIFunction Order() => AIFunctionFactory.Create(
            async (AIFunctionArguments arguments, CancellationToken token) =>
            {
                var context = arguments.Services!.GetRequiredService<AgentRunContext>();
                await context.StepAsync("reserve", _ => Do("reserve", 1), CodeJson.Default.Int32, token);
                var paid = await context.WaitForEventAsync("paid", CodeJson.Default.String, cancellationToken: token);
                await context.StepAsync("ship", _ => Do("ship", 1), CodeJson.Default.Int32, token);
                return "ordered " + paid;
            },
            "order");
    }

    [Theory]
    [InlineData("Instructions", "x")]
    [InlineData("MaxIterations", "7")]
    [InlineData("MaxToolCalls", "7")]
    [InlineData("ConcurrentTools", "true")]
    [InlineData("ToolTimeout", "00:00:07")]
    public async Task Start_SettingThatCodeIgnores_IsRefused(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => TestHost.StartAsync(
            static hosting => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a", static agent => agent.RunsCode(static (_, _) => Task.FromResult(""))),
            ($"AgentHosting:Agents:a:{setting}", value)));

        Assert.Contains($"AgentHosting:Agents:a:{setting}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ToolThatCodeIgnores_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => TestHost.StartAsync(static hosting => hosting
            .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("x")))
            .AddAgent("a", static agent => agent.WithTool(AIFunctionFactory.Create(static () => "x", "t")).RunsCode(static (_, _) => Task.FromResult("")))));

        Assert.Contains("AgentHosting:Agents:a:Tools", exception.Message, StringComparison.Ordinal);
    }

    private Task<T> Do<T>(string name, T result)
    {
        lock (_done)
        {
            _done.Add(name);
        }

        return Task.FromResult(result);
    }
}
