using System.Collections.Concurrent;
using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// For every step of a set of agents: the worker dies when the step is journaled, another takes the run over, and the provider is sent, over both, byte for byte what it is sent
/// by a run that nothing interrupts; nothing that is in the journal is called again.
/// </summary>
public sealed class ReplayEqualityTests
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);

    public static TheoryData<string, bool, bool> Cases()
    {
        var cases = new TheoryData<string, bool, bool>();
        foreach (var agent in (string[])["several tools at once", "call_0 for ever", "results of each kind", "reasoning", "properties", "arguments that do not parse", "approval"])
        {
            foreach (var streams in (bool[])[false, true])
            {
                cases.Add(agent, streams, false);
                cases.Add(agent, streams, true);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Run_WorkerLostAfterAnyStep_SendsTheSameBytesAndCallsNothingAgain(string agent, bool streams, bool concurrent)
    {
        var (expected, result, writes) = await RunAsync(agent, streams, concurrent, int.MaxValue);
        Assert.True(writes >= 4, $"{writes} writes");

        for (var lastWrite = 1; lastWrite <= writes; lastWrite++)
        {
            var (requests, resultAfter, _) = await RunAsync(agent, streams, concurrent, lastWrite);

            Assert.Equal(expected, requests);
            Assert.Equal(result, resultAfter);
        }
    }

    private async Task<(List<string> Requests, string? Result, int Writes)> RunAsync(string agent, bool streams, bool concurrent, int lastWrite)
    {
        _calls.Clear();
        using var provider = new ProviderChatClient(streams, Script(agent));
        await using var first = await AttemptHost.StartAsync(Configure(provider, concurrent));
        await using var second = await AttemptHost.StartAsync(Configure(provider, concurrent), first);
        var runId = await first.SubmitAsync("Go \ud83d\ude00 <b>", "s");
        var writes = await first.ExecuteUntilLostAsync(runId, lastWrite);
        var journaled = (await first.GetAsync(runId)).Steps.Select(static step => step.Key).ToHashSet(StringComparer.Ordinal);
        var run = await second.FinishAsync(runId);

        Assert.Equal((AgentRunStatus.Succeeded, null), (run.Status, run.Error?.Message));
        foreach (var (call, count) in _calls)
        {
            // With several at once others are in flight when the worker dies: they have no result, and run again.
            var step = call[(call.LastIndexOf('/') + 1)..];
            Assert.True(count == 1 || (concurrent && !journaled.Contains(step) && count == 2), $"{agent}, lost after write {lastWrite}: {call} was called {count} times");
        }

        return (provider.Requests, run.Result, writes);
    }

    private Action<IAgentHostingBuilder> Configure(IChatClient provider, bool concurrent) => hosting => hosting
        .AddModel("mini", _ => provider)
        .AddAgent(AttemptHost.Agent, builder =>
        {
            builder.WithInstructions("Be brief.").Configure(options => (options.Temperature, options.ConcurrentTools) = (0.3f, concurrent));
            foreach (var tool in Tools())
            {
                // A tool with effects that was in flight is not called again, and the model is told so: other bytes, by intent.
                builder.WithTool(tool, options =>
                {
                    options.IsIdempotent = concurrent;
                    // Nobody moves the clock on while one waits to be tried again.
                    options.MaxRetries = 0;
                });
            }

            builder.WithTool(AIFunctionFactory.Create((AIFunctionArguments arguments, int amount) => Called(arguments, $"sent {amount}"), "transfer"), options => (options.Risk, options.IsIdempotent) = (ToolRisk.High, concurrent));
        });

    private IEnumerable<AIFunction> Tools() =>
    [
        AIFunctionFactory.Create((AIFunctionArguments arguments, int a, int b) => Called(arguments, a + b), "add"),
        AIFunctionFactory.Create((AIFunctionArguments arguments, string text) => Called(arguments, $"\"{text}\" \u2028 <&>"), "text"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called(arguments, new { Name = "x", Values = new[] { 1.5, 2 }, None = (string?)null }), "object"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => { Called(arguments, 0); }, "nothing"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called<string?>(arguments, null), "null"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called(arguments, true) ? throw new InvalidOperationException("broken") : 0, "fails"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called(arguments, double.NaN), "nan"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called<AIContent>(arguments, new DataContent(new byte[] { 1, 2, 3 }, "image/png")), "content"),
        AIFunctionFactory.Create((AIFunctionArguments arguments) => Called<IEnumerable<AIContent>>(arguments, [new TextContent("one"), new TextContent("two")]), "contents"),
    ];

    private T Called<T>(AIFunctionArguments arguments, T result)
    {
        _calls.AddOrUpdate(arguments.GetIdempotencyKey()!, 1, static (_, count) => count + 1);
        return result;
    }

    private static ChatResponse[] Script(string agent) => agent switch
    {
        "several tools at once" =>
        [
            Response(new TextContent("Let me see."), Call("c1", "add", ("a", 1), ("b", 2)), Call("c2", "text", ("text", "hi")), Call("c3", "object")),
            Response(Call("c4", "add", ("a", 3), ("b", 4)), Call("c5", "unknown"), Call("c6", "text", ("text", ""))),
            Response(new TextContent("Done.")),
        ],
        "call_0 for ever" =>
        [
            Response(Call("call_0", "add", ("a", 1), ("b", 2))),
            Response(Call("call_0", "add", ("a", 1), ("b", 2)), Call("call_0", "add", ("a", 5), ("b", 2))),
            Response(Call("call_0", "text", ("text", "x"))),
            Response(new TextContent("Done.")),
        ],
        "results of each kind" =>
        [
            Response([.. ((string[])["object", "nothing", "null", "fails", "nan", "content", "contents"]).Select(static name => Call($"id {name}", name))]),
            Response(Call("again", "fails"), Call("wrong", "add", ("a", "no number"))),
            Response(new TextContent("Done.")),
        ],
        "reasoning" =>
        [
            Response(new TextReasoningContent("I should add.") { ProtectedData = "b3BhcXVl==" }, Call("c1", "add", ("a", 1), ("b", 2))),
            Response(new TextReasoningContent("Again.") { ProtectedData = "other+/=" }, new TextContent("So far 3."), Call("c2", "add", ("a", 3), ("b", 2))),
            Response(new TextReasoningContent("Now I know.") { ProtectedData = "last" }, new TextContent("Done.")),
        ],
        "properties" =>
        [
            WithProperties(Response(WithProperties(new TextContent("Hm.")), WithProperties(Call("c1", "text", ("text", "x"), ("more", null))))),
            WithProperties(Response(WithProperties(Call("c2", "object", ("nested", new Dictionary<string, object?> { ["z"] = 1, ["a"] = new[] { 1, 2 } }))))),
            WithProperties(Response(new TextContent("Done."))),
        ],
        "arguments that do not parse" =>
        [
            Response(Call("c1", "add", ("a", 1), ("b", 2)), new FunctionCallContent("c2", "add") { Exception = new JsonException("The text is cut.") }),
            Response(Call("c3", "add", ("a", 1), ("b", 2))),
            Response(new TextContent("Done.")),
        ],
        _ =>
        [
            Response(Call("c1", "text", ("text", "first")), Call("c2", "transfer", ("amount", 5)), Call("c3", "object")),
            Response(Call("c4", "transfer", ("amount", 6)), Call("c5", "transfer", ("amount", 7))),
            Response(new TextContent("Done.")),
        ],
    };

    private static ChatResponse Response(params AIContent[] contents) => new(new ChatMessage(ChatRole.Assistant, contents) { MessageId = "m" })
    {
        ResponseId = "r",
        Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 5 },
        FinishReason = contents.Any(static content => content is FunctionCallContent) ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
    };

    private static FunctionCallContent Call(string id, string name, params (string Name, object? Value)[] arguments) =>
        new(id, name, arguments.ToDictionary(static argument => argument.Name, static argument => argument.Value));

    private static T WithProperties<T>(T content)
        where T : AIContent
    {
        content.AdditionalProperties = new AdditionalPropertiesDictionary { ["signature"] = "s+/=", ["index"] = 2, ["nested"] = new Dictionary<string, object?> { ["a"] = 1.5 } };
        return content;
    }

    private static ChatResponse WithProperties(ChatResponse response)
    {
        response.Messages[0].AdditionalProperties = new AdditionalPropertiesDictionary { ["phase"] = "commentary" };
        response.AdditionalProperties = new AdditionalPropertiesDictionary { ["fingerprint"] = "fp_1" };
        return response;
    }
}
