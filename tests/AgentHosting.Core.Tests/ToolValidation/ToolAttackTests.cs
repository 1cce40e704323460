using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ToolValidation;

/// <summary>Tools that misbehave, names that look like others, and calls that policy does not allow.</summary>
public sealed class ToolAttackTests
{
    [Theory]
    [InlineData("nothing like it", "delete_everything")]
    [InlineData("Cyrillic letter", "s\u0435arch")]
    [InlineData("zero-width space", "sea\u200brch")]
    [InlineData("soft hyphen", "sea\u00adrch")]
    [InlineData("combining accent", "se\u0301arch")]
    [InlineData("full-width letters", "\uff53\uff45\uff41\uff52\uff43\uff48")]
    [InlineData("other case", "Search")]
    [InlineData("space at the end", "search ")]
    [InlineData("turned around", "\u202ehcraes")]
    [InlineData("namespace", "functions.search")]
    public async Task Call_NameOfNoTool_RunsNothing(string what, string name)
    {
        var bench = new ToolBench();
        var model = ToolBench.CallsThenAnswers(new ScriptedToolCall(name, """{"query":"a"}""", "c1"));
        using var client = bench.Pipeline(model);
        await client.GetResponseAsync("hi", ToolBench.Offer(null, bench.Search), TestContext.Current.CancellationToken);

        Assert.True(bench.Runs == 0, what);
        Assert.Contains("not found", model.Requests[1].Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Policies => new()
    {
        { "critical", ToolErrorCodes.Denied },
        { "high, nobody to ask", ToolErrorCodes.ApprovalRequired },
        { "unclassified counts as high", ToolErrorCodes.ApprovalRequired },
        { "asks by itself", ToolErrorCodes.ApprovalRequired },
        { "declares low, options say critical", ToolErrorCodes.Denied },
        { "policy throws", ToolErrorCodes.Denied },
        { "rule allows, policy denies", ToolErrorCodes.Denied },
        { "condition of a rule throws", ToolErrorCodes.Denied },
        { "rule by user", ToolErrorCodes.Denied },
        { "rule by agent", ToolErrorCodes.Denied },
        { "rule by start of the name", ToolErrorCodes.Denied },
        { "rule by number", ToolErrorCodes.Denied },
        { "rule by number, huge", ToolErrorCodes.Denied },
        { "rule by pattern", ToolErrorCodes.Denied },
        { "pattern that would backtrack for ever", ToolErrorCodes.Denied },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Call_PolicyIsAgainstIt_IsNotMade(string what, string expected)
    {
        var bench = new ToolBench();
        var options = bench.Options;
        var tool = bench.Search;
        var arguments = """{"query":"a","top":50}""";
        switch (what)
        {
            case "critical": options.Tools["search"].Risk = ToolRisk.Critical; break;
            case "high, nobody to ask": options.Tools["search"].Risk = ToolRisk.High; break;
            case "unclassified counts as high": options.Tools.Clear(); options.UnclassifiedRisk = ToolRisk.High; break;
            case "asks by itself": tool = new ApprovalRequiredAIFunction(tool); break;
            case "declares low, options say critical":
                options.Tools["liar"] = new ToolOptions { Risk = ToolRisk.Critical };
                tool = AIFunctionFactory.Create((string query, int top) => bench.Ran(query), new AIFunctionFactoryOptions
                {
                    Name = "liar", AdditionalProperties = new Dictionary<string, object?> { [ToolProperties.Risk] = "low" },
                });
                break;
            case "policy throws": options.AddPolicy(new Policy(static _ => throw new InvalidOperationException())); break;
            case "rule allows, policy denies":
                options.Rules.Add(new ToolRule { Decision = ToolDecisionKind.Run });
                options.AddPolicy(new Policy(static _ => ToolDecision.Deny()));
                options.AddPolicy(new Policy(static _ => ToolDecision.Run));
                break;
            case "condition of a rule throws": options.Rules.Add(new ToolRule { When = static _ => throw new InvalidOperationException(), Decision = ToolDecisionKind.Run }); break;
            case "rule by user": options.Rules.Add(new ToolRule { User = "eve" }); break;
            case "rule by agent": options.Rules.Add(new ToolRule { Agent = "a" }); break;
            case "rule by start of the name": options.Rules.Add(new ToolRule { Tool = "sea*" }); break;
            case "rule by number": options.Rules.Add(new ToolRule { Argument = "top", ArgumentAbove = 49 }); break;
            case "rule by number, huge":
                options.Rules.Add(new ToolRule { Argument = "order/AMOUNT", ArgumentAbove = 49 });
                tool = bench.Note;
                arguments = """{"order":{"amount":1e300}}""";
                break;
            case "rule by pattern": options.Rules.Add(new ToolRule { Argument = "query", ArgumentPattern = "^a$" }); break;
            default:
                options.Rules.Add(new ToolRule { Argument = "query", ArgumentPattern = "^(a+)+$", Decision = ToolDecisionKind.Run });
                options.Rules.Add(new ToolRule());
                arguments = $$"""{"query":"{{new string('a', 30_000)}}!"}""";
                break;
        }

        var outcome = await bench.CallAsync(tool, arguments, new AgentCallContext { UserId = "eve", Agent = "a" });

        Assert.Equal((expected, 0), (outcome.ErrorCode, bench.Runs));
    }

    [Fact]
    public async Task Tool_Throws_ModelGetsNoDetail()
    {
        var bench = new ToolBench();
        var tool = AIFunctionFactory.Create(string () => throw new InvalidOperationException("password=hunter2"), "t");
        var outcome = await bench.CallAsync(tool, "{}");

        Assert.Equal((ToolErrorCodes.Failed, "Error: the tool failed."), (outcome.ErrorCode, outcome.Value));
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("ignores its token")]
    [InlineData("never yields")]
    public async Task Tool_DoesNotEnd_IsLeftBehindAtItsTimeLimit(string how)
    {
        using var release = new ManualResetEventSlim();
        var bench = new ToolBench();
        var tool = how switch
        {
            "hangs" => AIFunctionFactory.Create(async (CancellationToken token) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token), "t"),
            "ignores its token" => AIFunctionFactory.Create(async () => await Task.Run(() => release.Wait(CancellationToken.None)), "t"),
            _ => AIFunctionFactory.Create(() => release.Wait(CancellationToken.None), "t"),
        };
        var outcome = await bench.CallAsync(tool, "{}");
        release.Set();

        Assert.Equal((ToolErrorCodes.Timeout, "Error: the tool did not answer within 30 seconds."), (outcome.ErrorCode, outcome.Value));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("object")]
    [InlineData("content")]
    [InlineData("surrogates")]
    public async Task Tool_ReturnsTooMuch_ModelGetsAPartAndANote(string what)
    {
        var bench = new ToolBench();
        bench.Options.MaxResultLength = 1000;
        var huge = what == "surrogates" ? string.Concat(Enumerable.Repeat("\ud83d\ude00", 1000)).Insert(0, "x") : new string('a', 100_000_000);
        AIFunction tool = what switch
        {
            "json" => AIFunctionFactory.Create(() => huge, "t"),
            "object" => new RawTool(new[] { huge[..5000], "b" }),
            "content" => new RawTool(new TextContent(huge)),
            _ => new RawTool(huge),
        };
        // What is done with so much takes its time, and the tool's limit counts it.
        var outcome = await bench.BeginAsync(tool, new AIFunctionArguments());
        var text = outcome.Value as string ?? ((TextContent)outcome.Value!).Text;

        Assert.Null(outcome.ErrorCode);
        Assert.Contains("This result was cut", text, StringComparison.Ordinal);
        Assert.True(text.Length < 1200);
        Assert.False(char.IsHighSurrogate(text[text.IndexOf('\n', StringComparison.Ordinal) - 1]));
    }

    [Fact]
    public async Task Tool_CallsTheLoopThatCallsIt_EndsAtTheLimit()
    {
        var bench = new ToolBench();
        IChatClient? client = null;
        AIFunction? tool = null;
        tool = AIFunctionFactory.Create(
            async (CancellationToken token) =>
            {
                bench.Ran("");
                return (await client!.GetResponseAsync("again", ToolBench.Offer(null, tool!), token)).Text;
            },
            "again");
        var model = new ScriptedChatClient(static request => request.ToolResults.Count > 0 ? ScriptedTurn.Text("done") : ScriptedTurn.ToolCall("again", "{}"));
        client = bench.Pipeline(model);
        await client.GetResponseAsync("hi", ToolBench.Offer(null, tool), TestContext.Current.CancellationToken);

        Assert.Equal(bench.Options.MaxNesting, bench.Runs);
    }

    [Fact]
    public async Task Call_CallerCancels_IsThrown()
    {
        var bench = new ToolBench();
        using var cancel = new CancellationTokenSource();
        var tool = AIFunctionFactory.Create(
            async (CancellationToken token) =>
            {
                await cancel.CancelAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
            "t");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await bench.CallAsync(tool, "{}", cancellationToken: cancel.Token));
    }

    [Fact]
    public async Task Tool_FailsOften_IsLeftAloneAndComesBack()
    {
        var bench = new ToolBench();
        var sick = true;
        var tool = AIFunctionFactory.Create(() => sick ? throw new IOException() : bench.Ran("well"), "t");
        for (var i = 0; i < bench.Options.CircuitMinimumCalls; i++)
        {
            Assert.Equal(ToolErrorCodes.Failed, (await bench.CallAsync(tool, "{}")).ErrorCode);
        }

        Assert.Equal(ToolErrorCodes.Unavailable, (await bench.CallAsync(tool, "{}")).ErrorCode);
        sick = false;
        bench.Time.Advance(bench.Options.CircuitOpenDuration);
        Assert.Null((await bench.CallAsync(tool, "{}")).ErrorCode);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task Tool_Fails_IsTriedAgainOnlyIfIdempotent(bool isIdempotent, int expected)
    {
        var bench = new ToolBench();
        bench.Options.Tools["t"] = new ToolOptions { IsIdempotent = isIdempotent };
        var tool = AIFunctionFactory.Create(
            string () =>
            {
                bench.Ran("");
                throw new IOException();
            },
            "t");
        await bench.CallAsync(tool, "{}");

        Assert.Equal(expected, bench.Runs);
    }

    [Fact]
    public async Task Tool_CalledTooOften_IsRefusedUntilTheMinuteIsOver()
    {
        var bench = new ToolBench();
        bench.Options.Tools["search"] = new ToolOptions { CallsPerMinute = 2 };
        foreach (var expected in new[] { null, null, ToolErrorCodes.RateLimited })
        {
            Assert.Equal(expected, (await bench.CallAsync(bench.Search, """{"query":"a"}""")).ErrorCode);
        }

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await bench.CallAsync(bench.Search, """{"query":"a"}""")).ErrorCode);
    }

    [Fact]
    public async Task Cache_SameArguments_AnswersTheSameTenantOnly()
    {
        var bench = new ToolBench();
        bench.Options.Tools["search"] = new ToolOptions { CacheFor = TimeSpan.FromMinutes(1), IsIdempotent = true };
        foreach (var (tenant, arguments, expected) in new[]
        {
            ("a", """{"query":"x","top":1}""", 1), ("a", """{"top":1.0,"query":"x"}""", 1), ("b", """{"query":"x","top":1}""", 2),
            ("a", """{"query":"y","top":1}""", 3), (null, """{"query":"x","top":1}""", 4), (null, """{"query":"x","top":1}""", 5),
        })
        {
            await bench.CallAsync(bench.Search, arguments, new AgentCallContext { TenantId = tenant });
            Assert.Equal(expected, bench.Runs);
        }
    }

    [Fact]
    public async Task Filter_Throws_ResultIsWithheld()
    {
        var bench = new ToolBench();
        bench.Options.AddResultFilter(new BrokenFilter());
        var outcome = await bench.CallAsync(bench.Search, """{"query":"secret"}""");

        Assert.Equal((ToolErrorCodes.Failed, "Error: the tool failed."), (outcome.ErrorCode, outcome.Value));
    }

    [Fact]
    public async Task HostedRun_ToolWithHighRisk_IsNotMadeBeforeAnybodyApproves()
    {
        var bench = new ToolBench();
        var model = ToolBench.CallsThenAnswers(new ScriptedToolCall("transfer", """{"to":"bob","amount":5}""", "c1"), new ScriptedToolCall("search", """{"query":5}""", "c2"));
        await using var host = await TestHost.StartAsync(builder => builder
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(bench.Transfer, ToolRisk.High).WithTool(bench.Search)));
        var submission = await host.Client.SubmitAsync(new AgentRunRequest { Message = "hi" }, TestContext.Current.CancellationToken);
        await foreach (var told in host.Client.WatchAsync(submission.RunId, 0, TestContext.Current.CancellationToken))
        {
            if (told.Type == AgentRunEventTypes.ApprovalRequested)
            {
                Assert.Equal(0, bench.Runs);
                await host.Client.AnswerApprovalAsync(submission.RunId, told.RequestId!, new AgentRunApproval { Approved = false }, TestContext.Current.CancellationToken);
            }
        }

        var run = await host.Client.GetAsync(submission.RunId, TestContext.Current.CancellationToken);
        var errors = (await host.EventsAsync(run!.Id)).Select(static one => one.Error?.Code).Where(static code => code is not null);
        Assert.Equal(("done", 0), (run.Result, bench.Runs));
        Assert.Equal([ToolErrorCodes.InvalidArguments, ToolErrorCodes.Rejected], errors);
    }

    private sealed class Policy(Func<ToolPolicyContext, ToolDecision> decide) : IToolPolicy
    {
        public ValueTask<ToolDecision> DecideAsync(ToolPolicyContext context, CancellationToken cancellationToken) => new(decide(context));
    }

    private sealed class BrokenFilter : IToolResultFilter
    {
        public ValueTask<object?> FilterAsync(ToolPolicyContext context, object? result, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }

    private sealed class RawTool(object result) : AIFunction
    {
        public override string Name => "raw";

        public override JsonElement JsonSchema { get; } = JsonDocument.Parse("""{"type":"object","properties":{}}""").RootElement;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(result);
    }
}
