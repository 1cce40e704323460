using AgentHosting.RateLimits;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class RateLimiterCompliance
{
    /// <summary>How many requests the callers of one race make together.</summary>
    protected virtual int RequestsOfARace => 4000;

    /// <summary>How many random histories are tried.</summary>
    protected virtual int Histories => 25;

    [Fact]
    public async Task Random_Arrivals_NeverPassALimitInAnyWindowAndObeyedRetriesSucceed()
    {
        var first = Environment.TickCount;
        for (var seed = first; seed < first + Histories; seed++)
        {
            await PlayAsync(seed);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(256)]
    public async Task Race_ManyCallersAndLimits_AdmitsWhatFitsAndLosesNothing(int callers)
    {
        var seed = Environment.TickCount;
        const int Users = 6;
        var (userLimit, all) = ((long)RequestsOfARace * 2, (long)RequestsOfARace * 6);
        var used = new long[Users];
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(unchecked(seed + (caller * 7919)));
            for (var i = 0; i < RequestsOfARace / callers; i++)
            {
                var user = random.Next(Users);
                var permits = random.Next(1, 40);
                RateLimitDemand[] demands = [Demand($"u{user}", userLimit, permits), Demand("all", all, permits)];
                if (random.Next(2) == 0)
                {
                    Array.Reverse(demands);
                }

                var decision = await AskAsync(demands);
                if (!decision.IsAcquired)
                {
                    Interlocked.Increment(ref refused);
                    Assert.True(decision.RetryAfter > TimeSpan.Zero, $"seed {seed}: refused without a time");
                    continue;
                }

                var actual = (long)permits;
                if (random.Next(3) == 0)
                {
                    await Task.Yield();
                    // Less only, so that the sums stay within the limits.
                    actual = random.Next(permits + 1);
                    Assert.True(await Limiter.CorrectAsync(decision, $"u{user}", actual, Token), $"seed {seed}");
                    Assert.True(await Limiter.CorrectAsync(decision, "all", actual, Token), $"seed {seed}");
                }

                Interlocked.Add(ref used[user], actual);
            }
        }, Token)));

        for (var user = 0; user < Users; user++)
        {
            Assert.True(used[user] <= userLimit, $"seed {seed}: user {user} got {used[user]} of {userLimit}");
            Assert.True(userLimit - used[user] == await AvailableAsync($"u{user}", userLimit), $"seed {seed}: what is left of user {user} is not what was not admitted");
        }

        Assert.True(used.Sum() <= all, $"seed {seed}: {used.Sum()} of {all}");
        Assert.True(all - used.Sum() == await AvailableAsync("all", all), $"seed {seed}: what is left is not what was not admitted");
        Assert.True(refused > 0, $"seed {seed}: nothing was refused");
    }

    [Fact]
    public async Task Race_ForTheLastPermits_AdmitsExactlyTheLimit()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await AskAsync(Demand("a", 50), Demand("b", 120)), Token)));

        Assert.Equal(50, decisions.Count(static decision => decision.IsAcquired));
        Assert.Equal((0, 70), (await AvailableAsync("a", 50), await AvailableAsync("b", 120)));
    }

    /// <summary>Random arrivals against an oracle that remembers every one of them, to the tick.</summary>
    private async Task PlayAsync(int seed)
    {
        var random = new Random(seed);
        var window = TimeSpan.FromSeconds(random.Next(1, 120)) + TimeSpan.FromTicks(random.Next(1000));
        var (requests, tokens) = ((long)random.Next(1, 20), (long)random.Next(50, 500));
        var admitted = new List<(TimeSpan At, long Tokens)>();
        var now = TimeSpan.Zero;
        RateLimitDemand[] Demands(long permits) => [Demand($"r{seed}", requests, 1, window), Demand($"t{seed}", tokens, permits, window)];
        for (var i = 0; i < 300; i++)
        {
            await PassAsync(window * (random.NextDouble() * random.NextDouble() / 4));
            var permits = random.Next(1, 100);
            var decision = await AskAsync(Demands(permits));
            if (!decision.IsAcquired)
            {
                // Not without a reason: counted in sixtieths, it is forgotten two of them late at most.
                var (recentRequests, recentTokens) = Within(window * (1 + (2d / 60)));
                Assert.True(recentRequests + 1 > requests || recentTokens + permits > tokens, $"seed {seed}, step {i}: refused although it fits");
                if (permits > tokens)
                {
                    Assert.True(decision.RetryAfter is null, $"seed {seed}, step {i}: a time for what never fits");
                    continue;
                }

                if (random.Next(3) != 0)
                {
                    continue;
                }

                await PassAsync(decision.RetryAfter!.Value);
                Assert.True((await AskAsync(Demands(permits))).IsAcquired, $"seed {seed}, step {i}: obeyed {decision.RetryAfter} and refused");
            }

            admitted.Add((now, permits));
            var (sumRequests, sumTokens) = Within(window);
            Assert.True(sumRequests <= requests && sumTokens <= tokens, $"seed {seed}, step {i}: {sumRequests} of {requests} requests, {sumTokens} of {tokens} tokens in {window}");
        }

        // Every stretch that ends with an admission was checked, and those hold the most.
        (long Requests, long Tokens) Within(TimeSpan length)
        {
            var recent = admitted.Where(entry => entry.At > now - length).ToList();
            return (recent.Count, recent.Sum(static entry => entry.Tokens));
        }

        async Task PassAsync(TimeSpan time)
        {
            now += time;
            await AdvanceAsync(time);
        }
    }
}
