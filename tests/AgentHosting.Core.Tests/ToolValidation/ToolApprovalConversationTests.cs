using AgentHosting.Pipelines;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.ToolValidation;

/// <summary>Approvals as callers keep their conversations: whole, trimmed, at the provider.</summary>
public sealed class ToolApprovalConversationTests
{
    private static readonly ScriptedToolCall _transfer = new("transfer", """{"to":"bob","amount":5}""");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approve_ConversationIdIsNewWithEachResponse_RunsTheTool()
    {
        var bench = new ToolBench();
        using var model = ToolBench.CallsThenAnswers(_transfer);
        using var client = bench.Pipeline(model);
        var options = ToolBench.Offer(null, new ApprovalRequiredAIFunction(bench.Transfer));
        var request = RequestsIn(await client.GetResponseAsync("Pay Bob.", options, Token)).Single();
        options.ConversationId = "resp_1";
        await client.GetResponseAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(true)]), options, Token);

        Assert.Equal(1, bench.Runs);
        var sent = model.Requests[^1].Messages;
        Assert.Equal("sent 5 to bob", Assert.IsType<FunctionResultContent>(Assert.Single(Assert.Single(sent).Contents)).Result?.ToString());
    }

    [Fact]
    public async Task Approve_HistoryTrimmedAndIdOfTheCallRepeats_EachCallHasOneResult()
    {
        var bench = new ToolBench();
        using var model = ToolBench.CallsThenAnswers(_transfer);
        using var client = bench.Pipeline(model);
        var options = ToolBench.Offer(null, new ApprovalRequiredAIFunction(bench.Transfer));
        var request = RequestsIn(await client.GetResponseAsync("Pay Bob.", options, Token)).Single();
        await client.GetResponseAsync(
            [
                new ChatMessage(ChatRole.User, "Earlier."),
                new ChatMessage(ChatRole.Assistant, [new FunctionCallContent(request.ToolCall.CallId, "search")]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent(request.ToolCall.CallId, "found")]),
                new ChatMessage(ChatRole.User, [request.CreateResponse(true)]),
            ],
            options,
            Token);

        Assert.Equal(1, bench.Runs);
        AssertWhole(model.Requests[^1].Messages, "trimmed");
    }

    [Fact]
    public async Task Approve_RandomConversations_ProviderSeesEachCallWithOneResultAndToolsRunOnce()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var bench = new ToolBench();
            using var model = new ScriptedChatClient(_ => random.Next(2) == 0
                ? ScriptedTurn.Text("done")
                : ScriptedTurn.ToolCalls([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(4) == 0
                    ? new ScriptedToolCall("search", """{"query":"x"}""")
                    : _transfer)]));
            using var client = bench.Pipeline(model, concurrent: random.Next(2) == 0);
            var options = ToolBench.Offer(null, bench.Transfer, bench.Search);
            var history = new List<ChatMessage>();
            var open = new List<ToolApprovalRequestContent>();
            for (var turn = 0; turn < 6; turn++)
            {
                history.Add(new ChatMessage(ChatRole.User, "Go on."));
                for (var answers = random.Next(3); answers > 0 && open.Count > 0; answers--)
                {
                    var request = open[random.Next(open.Count)];
                    history.Add(new ChatMessage(ChatRole.User, [request.CreateResponse(random.Next(3) > 0, "because")]));
                    if (random.Next(3) > 0)
                    {
                        open.Remove(request);
                    }
                }

                if (random.Next(6) == 0)
                {
                    bench.Time.Advance(TimeSpan.FromMinutes(16));
                }

                var response = random.Next(2) == 0
                    ? await client.GetResponseAsync(history, options, Token)
                    : await client.GetStreamingResponseAsync(history, options, Token).ToChatResponseAsync(Token);
                history.AddRange(response.Messages);
                open.AddRange(RequestsIn(response));
            }

            foreach (var request in model.Requests)
            {
                AssertWhole(request.Messages, $"seed {seed}");
            }

            var used = bench.Audit.Where(record => record.Event == ToolAuditEvent.Used).Select(record => record.RequestId).ToArray();
            Assert.True(used.Distinct().Count() == used.Length, $"seed {seed}");
        }
    }

    [Fact]
    public async Task ProductionDefaults_ToolValidationAndInputGuard_AskAndTakeTheAnswer()
    {
        var bench = new ToolBench();
        using var model = ToolBench.CallsThenAnswers(_transfer);
        using var client = new ChatClientBuilder(model).UseProductionDefaults(defaults =>
        {
            defaults.ToolValidation = bench.Options;
            defaults.InputGuard = new();
        }).Build();
        var options = ToolBench.Offer(null, new ApprovalRequiredAIFunction(bench.Transfer));
        var request = RequestsIn(await client.GetResponseAsync("Pay Bob.", options, Token)).Single();
        Assert.Equal(0, bench.Runs);
        await client.GetResponseAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(true)]), options, Token);

        Assert.Equal(1, bench.Runs);
        AssertWhole(model.Requests[^1].Messages, "answer alone");
    }

    [Fact]
    public async Task Build_NoServices_ValidatesInEveryPlace()
    {
        var bench = new ToolBench();
        using var model = ToolBench.CallsThenAnswers(_transfer);
        using var client = new ChatClientBuilder(model).UseToolValidation(bench.Options).UseFunctionInvocation().Build();
        Assert.Single(RequestsIn(await client.GetResponseAsync("Pay Bob.", ToolBench.Offer(null, bench.Transfer), Token)));
        var arguments = new AIFunctionArguments { ["to"] = "bob", ["amount"] = 5 };
        Assert.Contains("needs the approval", (await bench.Transfer.WithValidation(bench.Options).InvokeAsync(arguments, Token))?.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, bench.Runs);
    }

    [Fact]
    public void Build_ToolValidationTwice_SaysWhatToDo()
    {
        using var model = new StubChatClient();
        var builder = new ChatClientBuilder(model).UseToolValidation(new ToolValidationOptions())
            .UseProductionDefaults(defaults => defaults.ToolValidation = new ToolValidationOptions());

        Assert.Contains("twice", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*_delete")]
    [InlineData(" ")]
    public void Options_RuleThatFitsNoTool_NamesTheKey(string tool)
    {
        var options = new ToolValidationOptions { Rules = { new ToolRule { Tool = tool } } };
        var exception = Assert.Throws<OptionsValidationException>(() => new ChatClientBuilder(new StubChatClient()).UseToolValidation(options));

        Assert.Contains("AgentHosting:ToolValidation:Rules:0:Tool", exception.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<ToolApprovalRequestContent> RequestsIn(ChatResponse response) =>
        response.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>();

    // OpenAI's rule: the results of a message's calls stand right behind it in messages of role tool, one for each.
    private static void AssertWhole(IReadOnlyList<ChatMessage> messages, string shown)
    {
        var claimed = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var calls = messages[i].Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Order().ToArray();
            if (calls.Length > 0)
            {
                var results = messages.Skip(i + 1).TakeWhile(message => message.Role == ChatRole.Tool)
                    .SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).Order().ToArray();
                Assert.True(calls.SequenceEqual(results), $"{shown}: [{string.Join(',', calls)}] has [{string.Join(',', results)}]");
                claimed += results.Length;
            }
        }

        Assert.True(claimed == messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Count(), shown + ": a result without a call");
        Assert.DoesNotContain(messages.SelectMany(message => message.Contents), content => content is ToolApprovalRequestContent or ToolApprovalResponseContent);
    }
}
