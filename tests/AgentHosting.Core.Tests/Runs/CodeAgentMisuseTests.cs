using System.Text.Json;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Code that does what the documentation warns of: it is stopped, and never given a wrong answer in silence.</summary>
public sealed class CodeAgentMisuseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Step_FailsAndTheCodeAnswersAllTheSame_TheRunIsTriedAgain()
    {
        var tries = 0;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            try
            {
                return await context.StepAsync("fails", _ => ++tries < 3 ? throw new IOException("no") : Task.FromResult("done"), CodeJson.Default.String, token);
            }
            catch (IOException)
            {
                return "gave up";
            }
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, "done", 2), (run.Status, run.Result, run.Failures));
    }

    [Fact]
    public async Task Step_IsNotAwaited_IsDoneBeforeTheRunEnds()
    {
        var gate = new TaskCompletionSource();
        await using var host = await new CodeAgentHost().StartAsync((context, token) =>
        {
            _ = context.StepAsync(
                "left",
                async _ =>
                {
                    await gate.Task;
                    return 1;
                },
                CodeJson.Default.Int32,
                token);
            return Task.FromResult("done");
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        await UntilAsync(host, runId, AgentRunEventTypes.StepStarted);
        gate.SetResult();
        var run = (await host.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Succeeded, "s1"), (run.Status, Assert.Single(run.Steps).Key));
    }

    [Fact]
    public async Task Step_IsNotAwaitedAndFails_TheRunIsTriedAgain()
    {
        var tries = 0;
        await using var host = await new CodeAgentHost().StartAsync((context, token) =>
        {
            _ = context.StepAsync(
                "left",
                async _ =>
                {
                    await Task.Yield();
                    return ++tries < 3 ? throw new IOException("no") : 1;
                },
                CodeJson.Default.Int32,
                token);
            return Task.FromResult("done");
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, 2, 3), (run.Status, run.Failures, tries));
    }

    [Fact]
    public async Task Steps_SecondOfABranchEndsInAnotherOrderInReplay_IsNotMixedUp()
    {
        var isFirstAttempt = true;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            var secondIsThrough = new TaskCompletionSource();
            var results = await Task.WhenAll(BranchAsync("a", isFirstAttempt ? secondIsThrough.Task : Task.CompletedTask), BranchAsync("b", Task.CompletedTask));
            if (isFirstAttempt)
            {
                isFirstAttempt = false;
                throw new IOException("The attempt is interrupted.");
            }

            return string.Join(' ', results);

            async Task<string> BranchAsync(string branch, Task before)
            {
                var read = await context.StepAsync(
                    "step",
                    async _ =>
                    {
                        await before;
                        return branch;
                    },
                    CodeJson.Default.String,
                    token);
                var written = await context.StepAsync("step", _ => Task.FromResult(read), CodeJson.Default.String, token);
                secondIsThrough.TrySetResult();
                return branch + "=" + written;
            }
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, "a=a b=b", 2), (run.Status, run.Result, run.Attempts));
    }

    [Fact]
    public async Task Steps_InBranchesThatKeepTheirOrder_AreReplayed()
    {
        var isFirstAttempt = true;
        var done = 0;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            var first = await Task.WhenAll(new[] { 1, 2, 3 }.Select(async i => await StepAsync(i)));
            await StepAsync(4);
            var helper = await Task.Run(() => StepAsync(5), token);
            var second = await Task.WhenAll(StepAsync(6), StepAsync(7));
            if (isFirstAttempt)
            {
                isFirstAttempt = false;
                throw new IOException("The attempt is interrupted.");
            }

            var last = await StepAsync(8).ConfigureAwait(false);
            return string.Concat([.. first, helper, .. second, last]);

            Task<int> StepAsync(int i) => context.StepAsync(
                "step",
                async _ =>
                {
                    await Task.Yield();
                    Interlocked.Increment(ref done);
                    return i;
                },
                CodeJson.Default.Int32,
                token);
        });
        var run = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Succeeded, "1235678", 8), (run.Status, run.Result, done));
    }

    [Fact]
    public async Task Origin_RunIsRequeued_IsWhatSideEffectsAreNamedAfter()
    {
        var isDown = true;
        var names = new List<string>();
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            names.Add(context.OriginId);
            return await context.StepAsync("pay", _ => isDown ? throw new IOException("down") : Task.FromResult("paid"), CodeJson.Default.String, token);
        });
        var failed = await host.RunAsync("go");
        isDown = false;
        var requeued = await host.Services.GetRequiredService<IAgentRunAdmin>().RequeueAsync(failed.Id, cancellationToken: Token);
        var run = (await host.Client.WaitAsync(requeued.RunId!, Token))!;

        Assert.Equal("paid", run.Result);
        Assert.Equal([failed.Id], names.Distinct());
    }

    [Fact]
    public async Task Event_AcceptedBeforeTheRunFailed_IsThereWhenItIsRequeued()
    {
        var isDown = true;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            await context.WaitForEventAsync("begin", cancellationToken: token);
            await context.StepAsync("pay", _ => isDown ? throw new IOException("down") : Task.FromResult(1), CodeJson.Default.Int32, token);
            return (await context.WaitForEventAsync("paid", CodeJson.Default.String, cancellationToken: token))!;
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        await CodeAgentHost.UntilWaitingAsync(host, runId);
        Assert.Equal(RunAnswerOutcome.Accepted, await host.Client.RaiseEventAsync(runId, "paid", JsonElement.Parse("\"p1\""), "i1", Token));
        Assert.Equal(RunAnswerOutcome.Accepted, await host.Client.RaiseEventAsync(runId, "begin", cancellationToken: Token));
        Assert.Equal(AgentRunStatus.Failed, (await host.Client.WaitAsync(runId, Token))!.Status);
        isDown = false;
        var requeued = (await host.Services.GetRequiredService<IAgentRunAdmin>().RequeueAsync(runId, cancellationToken: Token)).RunId!;
        var run = await host.Client.WaitAsync(requeued, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Equal((AgentRunStatus.Succeeded, "p1"), (run!.Status, run.Result));
        Assert.Equal(RunAnswerOutcome.Repeated, await host.Client.RaiseEventAsync(requeued, "paid", JsonElement.Parse("\"p1\""), "i1", Token));
    }

    [Fact]
    public async Task Event_DeeplyNested_IsReadAsItWasRaised()
    {
        var payload = JsonElement.Parse(new string('[', 64) + new string(']', 64));
        await using var host = await new CodeAgentHost().StartAsync(static async (context, token) =>
            (await context.WaitForEventAsync("deep", cancellationToken: token))!.Value.GetRawText());
        var runId = await CodeAgentHost.SubmitAsync(host);
        await CodeAgentHost.UntilWaitingAsync(host, runId);
        await host.Client.RaiseEventAsync(runId, "deep", payload, cancellationToken: Token);
        var run = (await host.Client.WaitAsync(runId, Token))!;

        Assert.Equal((AgentRunStatus.Succeeded, payload.GetRawText()), (run.Status, run.Result));
    }

    [Theory]
    [InlineData(long.MinValue, false)]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(long.MaxValue, true)]
    public async Task Delay_AtTheEdges_WaitsOrDoesNot(long ticks, bool waits)
    {
        await using var host = await new CodeAgentHost(new FakeTimeProvider()).StartAsync(async (context, token) =>
        {
            await context.DelayAsync(TimeSpan.FromTicks(ticks), token);
            return "done";
        });
        var runId = await CodeAgentHost.SubmitAsync(host);
        if (waits)
        {
            await CodeAgentHost.UntilWaitingAsync(host, runId);
            await host.Client.CancelAsync(runId, Token);
        }

        Assert.Equal(waits ? AgentRunStatus.Cancelled : AgentRunStatus.Succeeded, (await host.Client.WaitAsync(runId, Token))!.Status);
    }

    [Fact]
    public async Task Context_OfAnotherRun_IsRefusedWhereThatHasEnded()
    {
        AgentRunContext? first = null;
        await using var host = await new CodeAgentHost().StartAsync(async (context, token) =>
        {
            if (Interlocked.CompareExchange(ref first, context, null) is { } other)
            {
                await other.DelayAsync(TimeSpan.FromDays(1), token);
            }

            return "done";
        });
        Assert.Equal(AgentRunStatus.Succeeded, (await host.RunAsync("go")).Status);
        var second = await host.RunAsync("go");

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.Internal), (second.Status, second.Error!.Code));
    }

    private static async Task UntilAsync(TestHost host, string runId, string type)
    {
        await foreach (var told in host.Client.WatchAsync(runId, 0, Token))
        {
            if (told.Type == type)
            {
                return;
            }
        }

        Assert.Fail("The run ended first.");
    }
}
