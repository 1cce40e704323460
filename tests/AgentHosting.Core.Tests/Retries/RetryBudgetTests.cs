using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Retries;

/// <summary>However many callers there are at once, retries stay within what calls and time have paid in.</summary>
public sealed class RetryBudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryTake_ThreadsThatOnlyTake_GetExactlyWhatThereWas()
    {
        const int There = 100_000;
        var budget = new RetryBudget(new RetryOptions { BudgetBurst = There, BudgetRatio = 0, BudgetPerSecond = 0 }, new FakeTimeProvider());
        using var start = new Barrier(4);

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Token);
                var taken = 0;
                while (budget.TryTake())
                {
                    taken++;
                }

                return taken;
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(There, taken.Sum());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task TryTake_ManyThreads_GivesNoMoreThanWasPaidIn(int seed)
    {
        const int Threads = 8;
        const int Steps = 20_000;
        var random = new Random(seed);
        var options = new RetryOptions { BudgetBurst = random.Next(1, 50), BudgetRatio = random.Next(0, 5) / 10.0, BudgetPerSecond = random.Next(0, 3) };
        var clock = new FakeTimeProvider();
        var budget = new RetryBudget(options, clock);
        var (calls, taken, seconds) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(
            () =>
            {
                var steps = new Random(seed + (100 * thread));
                for (var i = 0; i < Steps; i++)
                {
                    var step = steps.Next(1000);
                    if (step == 0)
                    {
                        Interlocked.Increment(ref seconds);
                        clock.Advance(TimeSpan.FromSeconds(1));
                    }
                    else if (step < 500)
                    {
                        Interlocked.Increment(ref calls);
                        budget.AddCall();
                    }
                    else if (budget.TryTake())
                    {
                        Interlocked.Increment(ref taken);
                    }
                }
            },
            Token)));

        var most = options.BudgetBurst + (options.BudgetRatio * calls) + (options.BudgetPerSecond * seconds);
        Assert.True(taken <= most, $"seed {seed}: {taken} retries, {most} were paid in by {calls} calls and {seconds} s.");
        Assert.True(taken >= options.BudgetBurst, $"seed {seed}: {taken} retries, fewer than the {options.BudgetBurst} at the start.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_EverythingFailsForManyCallersAtOnce_ExtraLoadIsBounded(bool streaming)
    {
        const int Callers = 64;
        const int CallsOfEach = 30;
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var client = inner.AsBuilder()
            .UseRetry(new RetryOptions { BaseDelay = TimeSpan.Zero, BudgetBurst = 10, BudgetRatio = 0.1, BudgetPerSecond = 0 })
            .Build();

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < CallsOfEach; i++)
                {
                    await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));
                }
            },
            Token)));

        const int Calls = Callers * CallsOfEach;
        Assert.InRange(inner.CallCount, Calls + 10, Calls + 10 + (Calls / 10));
    }
}
