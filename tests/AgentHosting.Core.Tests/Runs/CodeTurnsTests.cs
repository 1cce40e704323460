using System.Collections.Concurrent;
using System.Diagnostics;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>How code goes on from its results: one at a time, whatever it does with its threads, live and in a replay alike.</summary>
public sealed class CodeTurnsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Programs() => new(
        "burst", "any", "each", "yield", "no context", "result", "helper result", "result of all", "task run", "task run result", "queue", "nested", "failed branch", "blocking step", "computes", "stream", "own thread", "burst after yield", "burst after work", "burst on own thread");

    /// <summary>The first attempt does all and fails at its end; the second replays all of it.</summary>
    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Run_Replayed_ComesToTheSame(string program)
    {
        var answers = new ConcurrentQueue<string>();
        var done = new ConcurrentQueue<string>();
        using var hosts = new CodeAgentHost();
        await using var host = await hosts.StartAsync(async (context, token) =>
        {
            answers.Enqueue(await ProgramAsync(program, context, done, token));
            return answers.Count == 1 ? throw new IOException("The attempt is interrupted.") : answers.Last();
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, null), (run.Status, run.Error?.Message));
        Assert.Equal(2, answers.Count);
        Assert.Single(answers.Distinct());
        Assert.Equal(done.Distinct().Count(), done.Count);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Tool_Replayed_ComesToTheSame(string program)
    {
        var answers = new ConcurrentQueue<string>();
        var done = new ConcurrentQueue<string>();
        using var model = new ScriptedChatClient(static request => request.Messages[^1].Contents[0] is FunctionResultContent result ? ScriptedTurn.Text(result.Result!.ToString()!)
            : request.Messages[^1].Text == "go" ? ScriptedTurn.ToolCall("work", "{}", "c")
            : ScriptedTurn.Text("echo " + request.Messages[^1].Text));
        using var hosts = new CodeAgentHost();
        // It is tried again within the attempt, and then finds what the attempt itself has journaled.
        await using var host = await hosts.StartAsync(
            hosting => hosting.AddAgent("a", agent => agent.WithTool(
                AIFunctionFactory.Create(
                    async (AIFunctionArguments arguments, CancellationToken token) =>
                    {
                        answers.Enqueue(await ProgramAsync(program, arguments.Services!.GetRequiredService<AgentRunContext>(), done, token));
                        return answers.Count == 1 ? throw new IOException("The tool is interrupted.") : answers.Last();
                    },
                    "work"),
                static options => (options.Risk, options.IsIdempotent, options.MaxRetries) = (ToolRisk.Low, true, 1))),
            model);
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, null, answers.Last()), (run.Status, run.Error?.Message, run.Result));
        Assert.Equal((2, 1), (answers.Count, answers.Distinct().Count()));
        Assert.Equal(done.Distinct().Count(), done.Count);
    }

    [Theory]
    [InlineData("flows")]
    [InlineData("semaphore")]
    [InlineData("parallel")]
    [InlineData("overtaken")]
    public async Task Calls_SideBySideInAnOrderThatIsChance_AreRefused(string program)
    {
        var together = new Barrier(2);
        using var begun = new ManualResetEventSlim();
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            var hangs = new TaskCompletionSource();
            switch (program)
            {
                case "flows":
                    await Task.WhenAll(FlowAsync(), FlowAsync());
                    break;
                case "semaphore":
                    using (var one = new SemaphoreSlim(1))
                    {
                        var first = HangAsync("a");
                        await one.WaitAsync(token);
                        var second = Task.Run(
                            async () =>
                            {
                                await one.WaitAsync(token);
                                await HangAsync("b");
                            },
                            token);
                        one.Release();
                        await Task.WhenAll(first, second);
                    }

                    break;
                case "parallel":
                    await Parallel.ForEachAsync(["a", "b"], token, async (name, _) => await HangAsync(name));
                    break;
                default:
                    var branch = BranchAsync();
                    // Nothing that the context knows of, so that the branch goes on meanwhile.
                    begun.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
                    await Task.WhenAll(branch, HangAsync("c"));
                    break;
            }

            return "done";

            Task<int> HangAsync(string name) => context.StepAsync(
                name,
                async step =>
                {
                    await hangs.Task.WaitAsync(step);
                    return 1;
                },
                CodeJson.Default.Int32,
                token);

            async Task BranchAsync()
            {
                await context.StepAsync("a", static _ => Task.FromResult(1), CodeJson.Default.Int32, token);
                var hang = HangAsync("b");
                begun.Set();
                await hang;
            }

            async Task FlowAsync()
            {
                await Task.Run(() => together.SignalAndWait(token), token);
                await HangAsync("a");
            }
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.Internal, 1), (run.Status, run.Error!.Code, run.Attempts));
        Assert.Contains("await nothing but calls of the context", run.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_ComputesForLong_IsNotDisturbed()
    {
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            var first = BranchAsync("a");
            Spin();
            var second = BranchAsync("b");
            Spin();
            await Task.WhenAll(first, second);
            return "done";

            async Task BranchAsync(string name)
            {
                await context.StepAsync(name + 1, static _ => Task.FromResult(1), CodeJson.Default.Int32, token);
                await context.StepAsync(name + 2, static _ => Task.FromResult(1), CodeJson.Default.Int32, token);
            }

            static void Spin()
            {
                var started = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(200))
                {
                }
            }
        });
        var run = await host.RunAsync("go");

        Assert.Equal(["s1 a1", "s2 b1", "s3 a2", "s4 b2"], run.Steps.Select(static step => $"{step.Key} {step.Name}"));
    }

    [Fact]
    public async Task Steps_TenThousandInALine_AreReplayedOnOneStack()
    {
        var depth = 0;
        var attempts = 0;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            var sum = 0;
            for (var i = 0; i < 10_000; i++)
            {
                sum += await HelperAsync(context, i, token);
                depth = i % 1000 == 999 ? Math.Max(depth, new StackTrace().FrameCount) : depth;
            }

            return ++attempts == 1 ? throw new IOException("The attempt is interrupted.") : sum.ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, "49995000", 2), (run.Status, run.Result, run.Attempts));
        Assert.InRange(depth, 1, 100);
    }

    [Fact]
    public async Task Cancel_ResultsAreOutstanding_EndsAndCleansUp()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cleaned = 0;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            await Task.WhenAll(WaitAsync(), StepAsync());
            return "done";

            async Task WaitAsync()
            {
                try
                {
                    await context.WaitForEventAsync("never", cancellationToken: token);
                }
                finally
                {
                    Interlocked.Increment(ref cleaned);
                }
            }

            async Task StepAsync()
            {
                try
                {
                    await context.StepAsync(
                        "hangs",
                        async step =>
                        {
                            entered.SetResult();
                            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, step);
                            return 1;
                        },
                        CodeJson.Default.Int32,
                        token);
                }
                finally
                {
                    Interlocked.Increment(ref cleaned);
                }
            }
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        await entered.Task.WaitAsync(Token);
        await host.Client.CancelAsync(runId, Token);
        var run = (await host.Client.WaitAsync(runId, Token))!;
        while (Volatile.Read(ref cleaned) < 2)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(AgentRunStatus.Cancelled, run.Status);
    }

    [Fact]
    public async Task Step_FailsBesideAWait_TheRunIsTriedAgainAndNotLaidAside()
    {
        var tries = 0;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            await Task.WhenAll(
                context.WaitForEventAsync("paid", cancellationToken: token),
                context.StepAsync("fails", _ => ++tries < 3 ? throw new IOException("no") : Task.FromResult(1), CodeJson.Default.Int32, token));
            return "done";
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        var waiting = await CodeAgentHost.UntilWaitingAsync(host, runId);
        await host.Client.RaiseEventAsync(runId, "paid", cancellationToken: Token);
        var run = (await host.Client.WaitAsync(runId, Token))!;

        Assert.Equal((2, 3), (waiting.Failures, tries));
        Assert.Equal((AgentRunStatus.Succeeded, "done"), (run.Status, run.Result));
    }

    private static async Task<string> ProgramAsync(string program, AgentRunContext context, ConcurrentQueue<string> done, CancellationToken token)
    {
        string[] names = ["a", "b", "c"];
        switch (program)
        {
            case "burst":
                return string.Concat(await Task.WhenAll(Enumerable.Range(0, 300).Select(i => StepAsync($"{i},"))));
            case "any":
                var first = await await Task.WhenAny(names.Select(StepAsync));
                return first + await StepAsync("then") + await context.DelayAsync(TimeSpan.Zero, token).ContinueWith(static _ => "", TaskScheduler.Default);
            case "each":
                return string.Concat(await Task.WhenAll(names.Select(async name => await StepAsync(name) + await StepAsync(name + 2) + await StepAsync(name + 3))));
            case "yield":
                await Task.Yield();
                var yielded = await StepAsync("y") + await StepAsync("z");
                await Task.Yield();
                return yielded + await StepAsync("x");
            case "burst after yield":
                await Task.Yield();
                var bursts = string.Concat(await Task.WhenAll(names.Select(BranchAsync)));
                await Task.Yield();
                return bursts + string.Concat(await Task.WhenAll(BranchAsync("d"), StepAsync("e"), BranchAsync("f")));
            case "burst after work":
                var worked = "";
                foreach (var name in names)
                {
                    worked += await Task.Run(() => StepAsync(name), token);
                    worked += string.Concat(await Task.WhenAll(BranchAsync(name + "x"), BranchAsync(name + "y")));
                }

                return worked;
            case "burst on own thread":
                var burst = new TaskCompletionSource<string[]>();
                var other = new Thread(() => Task.WhenAll(names.Select(BranchAsync)).ContinueWith(all => burst.SetResult(all.Result), TaskScheduler.Default));
                other.Start();
                return string.Concat(await burst.Task) + await StepAsync("u");
            case "no context":
                return string.Concat(await Task.WhenAll(names.Select(async name =>
                    await StepAsync(name).ConfigureAwait(false) + await StepAsync(name + 2).ConfigureAwait(ConfigureAwaitOptions.None) + await StepAsync(name + 3).ConfigureAwait(false))));
            case "result":
                return StepAsync("a").Result + StepAsync("b").GetAwaiter().GetResult() + await StepAsync("c");
            case "helper result":
                return BranchAsync("h").Result + StepAsync("i").Result + BranchAsync("j").Result;
            case "result of all":
                return string.Concat(Task.WhenAll(names.Select(BranchAsync)).Result) + await StepAsync("d");
            case "task run":
                return await Task.Run(() => BranchAsync("r"), token) + await BranchAsync("s");
            case "task run result":
                return Task.Run(() => BranchAsync("r"), token).Result + StepAsync("s").Result;
            case "queue":
                var queue = new Queue<string>(Enumerable.Range(0, 40).Select(static i => $"{i},"));
                var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
                {
                    var all = "";
                    while (queue.TryDequeue(out var item))
                    {
                        all += await StepAsync(item);
                    }

                    return all;
                }));
                return string.Join('|', taken);
            case "nested":
                return string.Concat(await Task.WhenAll(names.Select(name => DeepAsync(name, 50))));
            case "failed branch":
                var fails = FailAsync();
                var others = Task.WhenAll(BranchAsync("a"), BranchAsync("b"));
                try
                {
                    await Task.WhenAll(fails, others);
                }
                catch (InvalidDataException)
                {
                }

                return string.Concat(await others) + await StepAsync("after");
            case "blocking step":
                return string.Concat(await Task.WhenAll(BranchAsync("a"), context.StepAsync("block", BlockStep, CodeJson.Default.String, token), BranchAsync("b")));
            case "computes":
                return string.Concat(await Task.WhenAll(names.Select(async name =>
                {
                    var result = await StepAsync(name);
                    Thread.SpinWait(100_000);
                    return result + await StepAsync(name + 2);
                })));
            case "stream":
                return string.Concat(await Task.WhenAll(names.Select(StreamAsync)));
            default:
                string? own = null;
                var thread = new Thread(() => own = BranchAsync("t").Result);
                thread.Start();
                thread.Join();
                return own + await StepAsync("u");
        }

        Task<string> StepAsync(string tag) => context.StepAsync(
            "step",
            async _ =>
            {
                done.Enqueue(tag);
                for (var i = tag.Sum(static letter => letter) % 4; i > 0; i--)
                {
                    await Task.Yield();
                }

                return tag;
            },
            CodeJson.Default.String,
            token);

        async Task<string> BranchAsync(string name) => await StepAsync(name + 1) + await StepAsync(name + 2) + await StepAsync(name + 3);

        async Task<string> DeepAsync(string name, int depth) => depth == 0 ? await BranchAsync(name) : await DeepAsync(name, depth - 1);

        async Task FailAsync()
        {
            await StepAsync("f");
            throw new InvalidDataException("This branch fails.");
        }

        async Task<string> StreamAsync(string name)
        {
            var text = await StepAsync(name);
            await foreach (var update in context.ChatClient.GetStreamingResponseAsync(text, cancellationToken: token))
            {
                text += update.Text;
            }

            return text + await StepAsync(name + 2);
        }

        static Task<string> BlockStep(CancellationToken _)
        {
            Block(150);
            return Task.FromResult("block");
        }
    }

    // What is looked at is whether a thread is blocked, which no test clock can bring about.
    private static void Block(int milliseconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(milliseconds);
    }

    private static Task<int> HelperAsync(AgentRunContext context, int i, CancellationToken token) =>
        context.StepAsync("step", _ => Task.FromResult(i), CodeJson.Default.Int32, token);
}
