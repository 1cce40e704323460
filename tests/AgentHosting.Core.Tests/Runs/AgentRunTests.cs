using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

public sealed class AgentRunTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Run_PlainAnswer_SucceedsWithResultUsageAndCost()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("Hel", "lo").WithUsage(1_000_000, 500_000));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model, options => { options.InputPrice = 0.15m; options.OutputPrice = 0.60m; })
            .AddAgent("greeter", agent => agent.WithInstructions("Greet.")));

        var run = await host.RunAsync("Hi");

        Assert.Equal(AgentRunStatus.Succeeded, run.Status);
        Assert.Equal("Hello", run.Result);
        Assert.Equal(1_500_000, run.Usage.TotalTokens);
        Assert.Equal(0.45m, run.Cost);
        Assert.Equal(1, run.Attempts);
        var step = Assert.Single(run.Steps);
        Assert.Equal(("1", RunStepKind.Model, "mini"), (step.Key, step.Kind, step.Model));
    }

    [Fact]
    public async Task Run_WithTool_JournalsModelToolModelAndTellsItsWatchers()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("add", new Dictionary<string, object?> { ["a"] = 2, ["b"] = 3 }, "call_0"),
            ScriptedTurn.Stream("It is ", "5."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("calculator", agent => agent.WithTool(AIFunctionFactory.Create((int a, int b) => a + b, "add"))));

        var run = await host.RunAsync("2 + 3?");
        var events = await host.EventsAsync(run.Id);

        Assert.Equal("It is 5.", run.Result);
        Assert.Equal(["1", "1.0", "2"], run.Steps.Select(step => step.Key));
        Assert.Equal(["calculator", "add", "calculator"], run.Steps.Select(step => step.Name));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(runEvent => runEvent.Sequence));
        Assert.Equal(AgentRunEventTypes.RunQueued, events[0].Type);
        Assert.Equal(AgentRunEventTypes.RunStarted, events[1].Type);
        Assert.Equal(AgentRunEventTypes.RunCompleted, events[^1].Type);
        Assert.Equal("It is 5.", string.Concat(events.Where(runEvent => runEvent.Type == AgentRunEventTypes.TextDelta).Select(runEvent => runEvent.Text)));
        var call = Assert.Single(events, runEvent => runEvent.Type == AgentRunEventTypes.ToolCall);
        Assert.Equal(("1.0", "add", "call_0"), (call.Step, call.Name, call.CallId));
        Assert.Equal(3, call.Arguments!.Value.GetProperty("b").GetInt32());
        var result = Assert.Single(events, runEvent => runEvent.Type == AgentRunEventTypes.ToolResult);
        Assert.Equal(5, result.ToolResult!.Value.GetInt32());
    }

    [Fact]
    public async Task Run_EveryModelCall_CarriesMaxOutputTokensAndNothingOfOurs()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model, options => options.MaxOutputTokens = 100)
            .AddAgent("a"));

        await host.RunAsync("Hi");

        var options = Assert.Single(model.Requests).Options!;
        Assert.Equal(100, options.MaxOutputTokens);
        Assert.Null(options.ModelId);
        Assert.Null(options.AdditionalProperties);
    }

    [Fact]
    public async Task Run_SecondModelCallFails_RetryReplaysWhatWasDone()
    {
        var toolCalls = 0;
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("pay", new Dictionary<string, object?>(), "call_0").WithUsage(10, 5),
            ScriptedTurn.Fail(503),
            ScriptedTurn.Text("Paid.").WithUsage(20, 5));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("payer", agent => agent
                .WithTool(AIFunctionFactory.Create(() => Interlocked.Increment(ref toolCalls), "pay"))
                .Configure(options => options.RetryDelay = TimeSpan.Zero)));

        var run = await host.RunAsync("Pay!");
        var events = await host.EventsAsync(run.Id);

        Assert.Equal("Paid.", run.Result);
        Assert.Equal(1, toolCalls);
        Assert.Equal(3, model.CallCount);
        Assert.Equal((2, 1), (run.Attempts, run.Failures));
        Assert.Equal(40, run.Usage.TotalTokens);
        Assert.Equal([1, 1, 2], run.Steps.Select(step => step.Attempt));
        Assert.Contains(events, runEvent => runEvent is { Type: AgentRunEventTypes.StepRestarted, Step: "2" });
    }

    [Fact]
    public async Task Run_ReplayedStep_SendsTheProviderTheSameMessages()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("look", new Dictionary<string, object?> { ["q"] = "x" }, "call_0").WithText("Let me look."),
            ScriptedTurn.Fail(500),
            ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create((string q) => $"found {q}", "look"))
                .Configure(options => options.RetryDelay = TimeSpan.Zero)));

        await host.RunAsync("Look");

        string Sent(int index) => JsonSerializer.Serialize(model.Requests[index].Messages, AIJsonUtilities.DefaultOptions);
        Assert.Equal(Sent(1), Sent(2));
    }

    [Fact]
    public async Task Run_ModelKeepsFailing_FailsAfterMaxAttemptsWithoutTheProvidersText()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.Fail(500, "secret-internal-host"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.Configure(options => { options.RetryDelay = TimeSpan.Zero; options.MaxAttempts = 3; })));

        var run = await host.RunAsync("Hi");

        Assert.Equal(AgentRunStatus.Failed, run.Status);
        Assert.Equal(AgentRunErrorCodes.ModelCallFailed, run.Error!.Code);
        Assert.Contains("500", run.Error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(3, model.CallCount);
    }

    [Fact]
    public async Task Run_RefusedByTheHost_FailsAtOnce()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(new AgentRequestRejectedException("Over the limit.")));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a"));

        var run = await host.RunAsync("Hi");

        Assert.Equal((AgentRunErrorCodes.Rejected, "Over the limit."), (run.Error!.Code, run.Error.Message));
        Assert.Equal(1, model.CallCount);
    }

    [Fact]
    public async Task Run_ToolThrows_ModelIsToldWithoutDetailsAndGoesOn()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("boom", new Dictionary<string, object?>(), "call_0"),
            ScriptedTurn.Text("Sorry."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(string () => throw new InvalidOperationException("password=1234"), "boom"))));

        var run = await host.RunAsync("Go");

        Assert.Equal("Sorry.", run.Result);
        var told = model.Requests[1].Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Single().Result;
        Assert.Equal("Error: the tool failed.", told?.ToString());
        Assert.Contains(await host.EventsAsync(run.Id), runEvent => runEvent.Error?.Code == "tool_failed");
    }

    [Fact]
    public async Task Run_ToolHangs_IsCutAtItsTimeoutAndModelGoesOn()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("hang", new Dictionary<string, object?>(), "call_0"),
            ScriptedTurn.Text("It hangs."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create((CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token), "hang"))
                .Configure(options => options.ToolTimeout = TimeSpan.FromMilliseconds(50))));

        var run = await host.RunAsync("Go");

        Assert.Equal("It hangs.", run.Result);
        Assert.Contains(await host.EventsAsync(run.Id), runEvent => runEvent.Error?.Code == "tool_timeout");
    }

    [Fact]
    public async Task Run_ModelHangs_TimesOutByName()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.Configure(options => { options.ModelCallTimeout = TimeSpan.FromMilliseconds(50); options.MaxAttempts = 1; })));

        var run = await host.RunAsync("Go");

        Assert.Equal(AgentRunErrorCodes.ModelCallTimeout, run.Error!.Code);
    }

    [Fact]
    public async Task Run_LongerThanMaxRunDuration_FailsAsRunTimeout()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.Configure(options => options.MaxRunDuration = TimeSpan.FromMilliseconds(50))));

        var run = await host.RunAsync("Go");

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.RunTimeout), (run.Status, run.Error!.Code));
    }

    [Fact]
    public async Task Run_CancelledWhileTheModelSpeaks_StopsTheCallAndKeepsWhatWasSaid()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.Stream("I was say", "ing").StallAfter(1),
            ScriptedTurn.Text("Go on."));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a"));
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Speak", SessionId = "s" }, TestContext.Current.CancellationToken);
        await foreach (var runEvent in host.Client.WatchAsync(submission.RunId, 0, TestContext.Current.CancellationToken))
        {
            if (runEvent.Type == AgentRunEventTypes.TextDelta)
            {
                break;
            }
        }

        Assert.Equal(RunCancelOutcome.Requested, await host.Client.CancelAsync(submission.RunId, TestContext.Current.CancellationToken));
        var run = await host.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken);

        Assert.Equal(AgentRunStatus.Cancelled, run!.Status);
        await model.WaitForIdleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(RequestOutcome.Cancelled, model.Requests[0].Outcome);
        await host.RunAsync("And now?", "s");
        Assert.Equal(["Speak", "I was say", "And now?"], model.Requests[1].Messages.Select(message => message.Text));
    }

    [Fact]
    public async Task Run_InASession_SeesTheEarlierTurns()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("look", new Dictionary<string, object?>(), "call_0"),
            ScriptedTurn.Text("First."),
            ScriptedTurn.Text("Second."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => "seen", "look"))));

        await host.RunAsync("One", "s");
        await host.RunAsync("Two", "s");

        Assert.Equal(
            [ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.User],
            model.Requests[2].Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task Run_ToolsForEver_EndsAtTheIterationLimit()
    {
        using var model = new ScriptedChatClient(_ => ScriptedTurn.ToolCall("again", new Dictionary<string, object?>(), "call_0"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => "again", "again"))));

        var run = await host.RunAsync("Go", "s");

        Assert.Equal(AgentRunErrorCodes.IterationLimit, run.Error!.Code);
        Assert.Equal(6, model.CallCount);
        var session = await host.Store.GetSessionAsync(AgentIdentity.Anonymous, "s", TestContext.Current.CancellationToken);
        var messages = JournalFormat.ReadMessages(Assert.Single(session!.Turns).Messages);
        Assert.Equal(
            messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Count(),
            messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Count());
    }

    [Fact]
    public async Task Run_Tool_GetsTheScopeTheIdentityAndAStableIdempotencyKey()
    {
        var seen = new List<(string? Key, string User, string? Role, Guid Scope)>();
        AIFunction tool = AIFunctionFactory.Create(
            (AIFunctionArguments arguments) =>
            {
                var context = arguments.Services!.GetRequiredService<AgentRunContext>();
                seen.Add((
                    arguments.GetIdempotencyKey(),
                    context.Identity.UserId,
                    context.Identity.ToPrincipal().FindFirst("role")?.Value,
                    arguments.Services!.GetRequiredService<ScopeId>().Value));
                return "ok";
            },
            "look");
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCalls(new ScriptedToolCall("look", "{}", "call_0"), new ScriptedToolCall("look", "{}", "call_0")),
            ScriptedTurn.Text("Done."),
            ScriptedTurn.ToolCall("look", "{}", "call_0"),
            ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddScoped<ScopeId>();
            hosting.AddModel("mini", _ => model).AddAgent("a", agent => agent.WithTool(tool));
        });
        var identity = new AgentIdentity { UserId = "ann", Claims = [new AgentClaim { Type = "role", Value = "admin" }] };

        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Go", Identity = identity }, TestContext.Current.CancellationToken);
            await host.Client.WaitAsync(submission.RunId, TestContext.Current.CancellationToken);
            ids.Add(submission.RunId);
        }

        Assert.Equal([$"{ids[0]}/1.0", $"{ids[0]}/1.1", $"{ids[1]}/1.0"], seen.Select(call => call.Key));
        Assert.All(seen, call => Assert.Equal(("ann", "admin"), (call.User, call.Role)));
        Assert.Equal(seen[0].Scope, seen[1].Scope);
        Assert.NotEqual(seen[0].Scope, seen[2].Scope);
    }

    [Fact]
    public async Task Run_ArgumentsThatDoNotParse_ToolIsNotCalled()
    {
        var called = false;
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("look", "{not json", "call_0"),
            ScriptedTurn.Text("Sorry."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => called = true, "look"))));

        var run = await host.RunAsync("Go");

        Assert.Equal("Sorry.", run.Result);
        Assert.False(called);
    }

    [Fact]
    public async Task Run_HostStops_RunGoesBackAndAnAttemptIsNotCounted()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a")
            .ConfigureWorker(options => options.DrainTimeout = TimeSpan.FromMilliseconds(20)));
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Go" }, TestContext.Current.CancellationToken);
        await model.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);

        await host.StopAsync();
        var run = await host.Client.GetAsync(submission.RunId, None);

        Assert.Equal((AgentRunStatus.Queued, 0, 0), (run!.Status, run.Attempts, run.Failures));
    }

    [Fact]
    public async Task Run_HostStopsAndNoFurtherCallWouldEndInTime_GoesBackBeforeItAndNothingIsCutOff()
    {
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("look", "{}", "call_0").WithDelay(TimeSpan.FromMilliseconds(400)),
            ScriptedTurn.Text("Done."));
        using var inTool = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(
                async () =>
                {
                    inTool.Release();
                    await goOn.WaitAsync(TestContext.Current.CancellationToken);
                },
                "look")))
            .ConfigureWorker(options => options.DrainTimeout = TimeSpan.FromMilliseconds(300)));
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "Go" }, TestContext.Current.CancellationToken);
        await inTool.WaitAsync(TestContext.Current.CancellationToken);

        var stopping = host.StopAsync();
        goOn.Release();
        await stopping;
        var run = await host.Client.GetAsync(submission.RunId, None);

        Assert.Equal((AgentRunStatus.Queued, 0, 0), (run!.Status, run.Attempts, run.Failures));
        Assert.Equal(1, model.CallCount);
        Assert.Equal(["1", "1.0"], run.Steps.Select(static step => step.Key));
    }

    [Fact]
    public async Task Run_500AtOnce_AllSucceedOnceWithTheirOwnAnswers()
    {
        using var model = new ScriptedChatClient(request => ScriptedTurn.Text("re " + request.LastUserText));
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent("a"));

        var runs = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => Task.Run(() => host.RunAsync($"message {number}", $"s{number % 50}"))));

        Assert.Equal(500, runs.Select(run => run.Id).Distinct().Count());
        Assert.All(runs, run => Assert.Equal("re " + run.Message, run.Result));
        Assert.Equal(500, model.CallCount);
    }

    private sealed class ScopeId
    {
        public Guid Value { get; } = Guid.NewGuid();
    }
}
