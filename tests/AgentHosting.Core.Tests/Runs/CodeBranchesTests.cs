using System.Collections.Concurrent;
using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// Branches of code that run side by side, each with several calls of one name, some of them waits whose answers come at any time: wherever the worker is lost, each branch gets
/// its own results, and what is journaled is not done again. The order in which work ends is decided by a seed.
/// </summary>
public sealed class CodeBranchesTests
{
    private const string Tool = "work";
    private static readonly int Limit = int.TryParse(Environment.GetEnvironmentVariable("AGENTHOSTING_BRANCH_SEEDS"), out var limit) ? limit : 12;
    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);
    private ShuffledWork? _work;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Seeds()
    {
        var seeds = new TheoryData<int, bool>();
        for (var seed = 0; seed < Limit; seed++)
        {
            seeds.Add(seed, false);
            seeds.Add(seed, true);
        }

        return seeds;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Run_WorkerLostAfterAnyWrite_EachBranchGetsItsOwn(int seed, bool inTool)
    {
        var calls = Program(seed);
        using var model = new ScriptedChatClient(static request => request.Messages[^1].Text is { Length: > 0 } text && text.StartsWith('b') ? ScriptedTurn.Text(text)
            : request.Messages[^1].Contents[0] is FunctionResultContent result ? ScriptedTurn.Text(result.Result!.ToString()!)
            : ScriptedTurn.ToolCall(Tool, "{}", "c"));
        await using var host = await AttemptHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddAgent(AttemptHost.Agent, agent =>
        {
            agent.Configure(static options => options.RetryDelay = TimeSpan.Zero);
            if (inTool)
            {
                agent.WithTool(
                    AIFunctionFactory.Create(
                        (AIFunctionArguments arguments, CancellationToken token) => CodeAsync(arguments.Services!.GetRequiredService<AgentRunContext>(), calls, token), Tool),
                    static options => (options.Risk, options.MaxRetries) = (ToolRisk.Low, 0));
            }
            else
            {
                agent.RunsCode((context, token) => CodeAsync(context, calls, token));
            }
        }));
        var writes = int.MaxValue;
        for (var lastWrite = int.MaxValue; lastWrite == int.MaxValue || lastWrite <= writes; lastWrite = lastWrite == int.MaxValue ? 1 : lastWrite + 1)
        {
            await using var work = new ShuffledWork(seed * 1000 + lastWrite);
            _work = work;
            writes = Math.Min(writes, await RunAsync(host, calls, work, lastWrite, $"Seed {seed}, in tool {inTool}, lost after write {lastWrite}: "));
        }
    }

    private async Task<int> RunAsync(AttemptHost host, string[][] calls, ShuffledWork work, int lastWrite, string what)
    {
        _done.Clear();
        var journaled = new Dictionary<string, int>(StringComparer.Ordinal);
        var started = TimeProvider.System.GetTimestamp();
        var runId = await host.SubmitAsync();
        var proxy = StoreOfALostWorker.Create(host.Store, lastWrite);
        var store = (StoreOfALostWorker)(object)proxy;
        while (await host.GetAsync(runId) is { CompletedAt: null } waiting)
        {
            if (waiting.Status == AgentRunStatus.Waiting)
            {
                await AnswerAsync(host, waiting, work);
                continue;
            }

            var isAfter = store.Lost.IsCompleted;
            var claim = await host.ClaimAsync();
            foreach (var step in claim.Journal.Where(static step => step.Name == "step"))
            {
                var tag = JournalFormat.ReadValue(step.Payload, CodeJson.Default.String);
                journaled.TryAdd(tag, _done[tag]);
            }

            var attempt = host.ExecuteAsync(claim, isAfter ? null : proxy);
            while (!attempt.IsCompleted && (isAfter || !store.Lost.IsCompleted))
            {
                // Answers come while it is at it.
                await Task.Yield();
                Token.ThrowIfCancellationRequested();
                Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(5), what + "it hangs");
                if (work.Next(20) == 0)
                {
                    await AnswerAsync(host, await host.GetAsync(runId), work);
                }
            }

            if (store.Lost.IsCompleted && !isAfter)
            {
                host.Time.Advance(TimeSpan.FromSeconds(31));
                await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
                store.Wake();
            }

            try
            {
                await attempt.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
            }
            catch (IOException) when (store.Lost.IsCompleted)
            {
                // The lost worker has come to itself.
            }
        }

        var run = await host.GetAsync(runId);
        Assert.Equal(what + string.Join('|', calls.Select(Expected)), what + (run.Result ?? run.Error?.Message));
        // What is journaled is not done again; what was under way when the worker was lost is.
        Assert.All(journaled, entry => Assert.Equal((what, entry.Key, entry.Value), (what, entry.Key, _done[entry.Key])));
        Assert.All(_done, entry => Assert.True(entry.Value <= (store.Lost.IsCompleted ? 2 : 1), $"{what}{entry.Key} was done {entry.Value} times"));

        return store.Writes;
    }

    private static string[][] Program(int seed)
    {
        var random = new Random(seed);
        string[] kinds = ["step", "step", "step", "model", "event", "ask", "delay", "zero"];
        return [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => Enumerable.Range(0, 3).Select(_ => kinds[random.Next(seed % 3 == 0 ? 3 : kinds.Length)]).ToArray())];
    }

    private static string Expected(string[] branch, int b) => string.Join(' ', branch.Select((kind, i) => kind == "event" ? $"b{b}" : kind is "delay" or "zero" ? kind : $"b{b}.{i}"));

    private async Task<string> CodeAsync(AgentRunContext context, string[][] calls, CancellationToken token)
    {
        return string.Join('|', await Task.WhenAll(calls.Select(BranchAsync)));

        async Task<string> BranchAsync(string[] branch, int b)
        {
            var results = new List<string>();
            for (var i = 0; i < branch.Length; i++)
            {
                results.Add(await CallAsync(branch[i], $"b{b}", $"b{b}.{i}"));
            }

            return string.Join(' ', results);
        }

        async Task<string> CallAsync(string kind, string branch, string tag)
        {
            switch (kind)
            {
                case "model":
                    return (await context.ChatClient.GetResponseAsync(tag, cancellationToken: token)).Text;
                case "event":
                    return (await context.WaitForEventAsync(branch, CodeJson.Default.String, cancellationToken: token))!;
                case "ask":
                    return (await context.AskAsync("ask", tag, cancellationToken: token)).Reason!;
                case "delay":
                    await context.DelayAsync(TimeSpan.FromMinutes(1), token);
                    return kind;
                case "zero":
                    await context.DelayAsync(TimeSpan.Zero, token);
                    return kind;
                default:
                    return await context.StepAsync(
                        "step",
                        async step =>
                        {
                            await _work!.DoAsync(step);
                            _done.AddOrUpdate(tag, 1, static (_, count) => count + 1);
                            return tag;
                        },
                        CodeJson.Default.String,
                        token);
            }
        }
    }

    private static async Task AnswerAsync(AttemptHost host, AgentRun run, ShuffledWork work)
    {
        if (run.Waits.Count == 0)
        {
            return;
        }

        var wait = run.Waits[work.Next(run.Waits.Count)];
        switch (wait.Kind)
        {
            case RunStepKind.Event:
                await host.Client.RaiseEventAsync(run.Id, wait.Name, JsonElement.Parse($"\"{wait.Name}\""), cancellationToken: Token);
                break;
            case RunStepKind.Approval:
                await host.Client.AnswerApprovalAsync(run.Id, wait.RequestId, new AgentRunApproval { Approved = true, Reason = wait.Reason }, Token);
                break;
            case RunStepKind.Timer when run.Status == AgentRunStatus.Waiting:
                // Else the lease would run out, which nobody renews here.
                host.Time.Advance(TimeSpan.FromMinutes(1));
                await host.Store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
                break;
        }
    }
}
