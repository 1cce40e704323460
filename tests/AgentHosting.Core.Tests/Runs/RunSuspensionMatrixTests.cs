using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Runs.Internal.InMemory;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// What becomes of a call that a person must approve: every place of the call, every way of answering, in one process and after a restart.
/// The outcomes are those of the table in docs/runs.md. However it goes, no tool runs twice and the provider never sees a call without its result.
/// </summary>
public sealed class RunSuspensionMatrixTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private readonly List<string> _transfers = [];
    private readonly List<string> _searches = [];
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, string, bool> Cases() => new(
        ["alone", "with a sibling", "two at once", "in a second turn"],
        ["approve", "reject", "expire", "forged", "replayed", "altered", "early", "opposite"],
        [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Approval_EachPlaceAnswerAndProcess_IsAsTheTableSays(string place, string answer, bool restart)
    {
        var (outcomes, isMade, status, told) = Expected(answer);
        using var model = Model(place);
        using var hosts = new CodeAgentHost(_time);
        var store = EarlyAnswers.Around(hosts.Store);
        var host = await StartAsync(hosts, store.Store, model);
        try
        {
            store.Answers = answer == "early";
            store.LosesFirst = restart;
            var runId = await CodeAgentHost.SubmitAsync(host, "pay", "s");
            AgentRun? waiting = null;
            if (answer == "early")
            {
                await store.Answered.WaitAsync(Token);
            }
            else
            {
                waiting = await CodeAgentHost.UntilWaitingAsync(host, runId);
                if (place == "in a second turn")
                {
                    await host.Client.AnswerApprovalAsync(runId, waiting.Waits[0].RequestId, new AgentRunApproval { Approved = true }, Token);
                    waiting = await CodeAgentHost.UntilWaitingAsync(host, runId, 2);
                }
            }

            if (restart)
            {
                await host.DisposeAsync();
                host = await StartAsync(hosts, store.Store, model);
            }

            var seen = waiting is null ? await EarlyAsync(hosts, restart) : await AnswerAsync(host, hosts.Store, waiting, answer);
            var run = (await host.Client.WaitAsync(runId, Token))!;

            Assert.Equal((outcomes, status), (seen, run.Status));
            Assert.Equal(ExpectedTransfers(place, isMade), _transfers.Order());
            Assert.Equal(place == "with a sibling" ? 1 : 0, _searches.Count);
            var requests = model.Requests.Where(static request => request.Messages[0].Text == "pay").ToList();
            Assert.Equal((place == "in a second turn" ? 3 : 2) - (status == AgentRunStatus.Cancelled ? 1 : 0), requests.Count);
            Assert.All(requests, static request => AssertNoOrphans(request.Messages));
            var messages = RunTranscript.MessagesOf(Assert.Single((await hosts.Store.GetSessionAsync(AgentIdentity.Anonymous, "s", Token))!.Turns));
            AssertNoOrphans(messages);
            Assert.All(ResultsOf(messages, place, status), text => Assert.Contains(told, text, StringComparison.Ordinal));
            // Late answers of any kind change nothing.
            foreach (var wait in waiting?.Waits ?? [])
            {
                Assert.NotEqual(RunAnswerOutcome.Accepted, await host.Client.AnswerApprovalAsync(runId, wait.RequestId, new AgentRunApproval { Approved = true }, Token));
            }

            Assert.Equal(ExpectedTransfers(place, isMade), _transfers.Order());
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>The outcomes of the answers to each request, whether the call is made, how the run ends, and what the model reads.</summary>
    private static (string Outcomes, bool IsMade, AgentRunStatus Status, string Told) Expected(string answer) => answer switch
    {
        "approve" => ("Accepted", true, AgentRunStatus.Succeeded, "sent"),
        "reject" => ("Accepted", false, AgentRunStatus.Succeeded, "a person rejected this call"),
        "expire" => ("Conflict", false, AgentRunStatus.Succeeded, "nobody answered in time"),
        // Nothing has happened; it waits on until it is cancelled.
        "forged" => ("NotFound NotFound", false, AgentRunStatus.Cancelled, "was not made"),
        "replayed" => ("Accepted Repeated", true, AgentRunStatus.Succeeded, "sent"),
        // The request of a call with other arguments, then an answer in the store that was given for it.
        "altered" => ("NotFound Accepted", false, AgentRunStatus.Succeeded, "was not made"),
        "early" => ("Accepted", true, AgentRunStatus.Succeeded, "sent"),
        "opposite" => ("Accepted Conflict", true, AgentRunStatus.Succeeded, "sent"),
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, null),
    };

    private static IEnumerable<string> ExpectedTransfers(string place, bool isMade) => place switch
    {
        "two at once" => isMade ? ["1.0 5", "1.1 7"] : [],
        "in a second turn" => isMade ? ["1.0 5", "2.0 6"] : ["1.0 5"],
        _ => isMade ? ["1.0 5"] : [],
    };

    private async Task<string> AnswerAsync(TestHost host, InMemoryRunStore store, AgentRun run, string answer)
    {
        var seen = new List<string>();
        switch (answer)
        {
            case "expire":
                _time.Advance(Lifetime + TimeSpan.FromSeconds(1));
                break;
            case "forged":
                foreach (var wait in run.Waits)
                {
                    await NoteAsync("apr_00000000000000000000000000000000", wait, true);
                    // Of the run, and no request of it.
                    await NoteAsync(wait.RequestId[..^1] + (wait.RequestId[^1] == '0' ? '1' : '0'), wait, true);
                }

                Assert.Equal(AgentRunStatus.Waiting, (await host.Client.GetAsync(run.Id, Token))!.Status);
                Assert.Equal(RunCancelOutcome.Cancelled, await host.Client.CancelAsync(run.Id, Token));
                return Distinct(seen, run, 2);
            case "altered":
                var other = await CodeAgentHost.SubmitAsync(host, "other");
                var theirs = (await CodeAgentHost.UntilWaitingAsync(host, other)).Waits[0];
                Assert.Equal(999999, theirs.Arguments!.Value.GetProperty("amount").GetInt32());
                foreach (var wait in run.Waits)
                {
                    await NoteAsync(theirs.RequestId, wait, true);
                    var forged = RunApprovals.Answer(wait, new ApprovalAnswer(theirs.RequestId, true));
                    seen.Add((await store.AnswerAsync(run.Id, wait.RequestId, forged, Token)).ToString());
                }

                return Distinct(seen, run, 2);
        }

        foreach (var wait in run.Waits)
        {
            await NoteAsync(wait.RequestId, wait, answer != "reject");
            if (answer is "replayed" or "opposite")
            {
                await NoteAsync(wait.RequestId, wait, answer == "replayed");
            }
        }

        return Distinct(seen, run, answer is "replayed" or "opposite" ? 2 : 1);

        async Task NoteAsync(string requestId, RunWait wait, bool approved) => seen.Add(
            (await host.Client.AnswerApprovalAsync(run.Id, requestId, new AgentRunApproval { Approved = approved, Approver = "ann" }, Token)).ToString());
    }

    private static string Distinct(List<string> seen, AgentRun run, int each)
    {
        Assert.Equal(run.Waits.Count * each, seen.Count);
        return Assert.Single(seen.Chunk(each).Select(static outcomes => string.Join(' ', outcomes)).Distinct());
    }

    /// <summary>After a restart the suspension was lost with the worker, and its lease has to end first.</summary>
    private async Task<string> EarlyAsync(CodeAgentHost hosts, bool restart)
    {
        if (restart)
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            await hosts.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
        }

        return "Accepted";
    }

    private static void AssertNoOrphans(IReadOnlyList<ChatMessage> messages)
    {
        var open = new List<string>();
        foreach (var message in messages)
        {
            if (message.Role != ChatRole.Tool)
            {
                Assert.Empty(open);
            }

            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call)
                {
                    open.Add(call.CallId);
                }
                else if (content is FunctionResultContent result)
                {
                    Assert.True(open.Remove(result.CallId), $"A result without a call: {result.CallId}");
                    Assert.NotEqual("This call waits for an answer.", result.Result?.ToString());
                }
            }
        }

        Assert.Empty(open);
    }

    /// <summary>What the model, or the next run of the session, reads about the calls that were asked about.</summary>
    private static IEnumerable<string> ResultsOf(IReadOnlyList<ChatMessage> messages, string place, AgentRunStatus status)
    {
        var results = messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.Result!.ToString()!).ToList();
        Assert.Equal(place is "alone" ? 1 : 2, results.Count);
        return place switch
        {
            "with a sibling" => results.Take(1),
            "in a second turn" => results.Skip(1),
            _ => results,
        };
    }

    private static ScriptedChatClient Model(string place) => new(request =>
    {
        var turn = request.Messages.Count(static message => message.Role == ChatRole.Assistant);
        return (request.Messages[0].Text, turn, place) switch
        {
            ("other", _, _) => ScriptedTurn.ToolCalls([Call(999999)]),
            (_, 0, "with a sibling") => ScriptedTurn.ToolCalls([Call(5), new ScriptedToolCall("search", "{}", "c1")]),
            (_, 0, "two at once") => ScriptedTurn.ToolCalls([Call(5), Call(7, "c1")]),
            (_, 0, _) => ScriptedTurn.ToolCalls([Call(5)]),
            // The provider says c0 for ever.
            (_, 1, "in a second turn") => ScriptedTurn.ToolCalls([Call(6)]),
            _ => ScriptedTurn.Text("done"),
        };
    });

    private static ScriptedToolCall Call(int amount, string id = "c0") => new("transfer", $$"""{"amount":{{amount}}}""", id);

    private Task<TestHost> StartAsync(CodeAgentHost hosts, IRunStore store, ScriptedChatClient model)
    {
        var transfer = AIFunctionFactory.Create(
            (AIFunctionArguments arguments, int amount) =>
            {
                Note(_transfers, $"{arguments.GetIdempotencyKey()!.Split('/')[^1]} {amount}");
                return $"sent {amount}";
            },
            "transfer");
        var search = AIFunctionFactory.Create(
            () =>
            {
                Note(_searches, "search");
                return "found";
            },
            "search");
        return hosts.StartAsync(
            hosting => hosting
                .AddToolValidation(static options => options.ApprovalLifetime = Lifetime)
                .AddAgent("a", agent => agent.WithTool(transfer, ToolRisk.High).WithTool(search, ToolRisk.Low)),
            model,
            store);
    }

    private static void Note(List<string> list, string what)
    {
        lock (list)
        {
            list.Add(what);
        }
    }
}
