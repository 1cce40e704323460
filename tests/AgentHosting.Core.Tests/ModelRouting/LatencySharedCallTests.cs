using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>The router stands above the response cache: of many who share one call, the model has one.</summary>
public sealed class LatencySharedCallTests
{
    private const int Callers = 5;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task InFlight_CallsThatWaitForAnIdenticalOne_AreNone(bool first, bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Text("mini").WithDelay(TimeSpan.FromSeconds(1)) };
        var (client, tracker) = Measured(fixture);

        var calls = await ShareAsync(fixture, client, tracker, first, stream);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal("mini", answer));
        Assert.Equal(1, fixture.Mini.CallCount);
        Assert.Equal(1001, tracker.LoadOf("mini", first));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InFlight_OneTakesOverAFailedCall_IsOne(bool stream)
    {
        var turns = 0;
        using var fixture = new RouterFixture
        {
            MiniTurn = () => (Interlocked.Increment(ref turns) == 1 ? ScriptedTurn.Fail(503) : ScriptedTurn.Text("mini")).WithDelay(TimeSpan.FromSeconds(1)),
        };
        var (client, tracker) = Measured(fixture);

        var calls = await ShareAsync(fixture, client, tracker, stream, stream);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ScriptedHttpException>(() => calls[0]);
        await UntilAsync(() => fixture.Clock.Waits >= 2);
        await UntilAsync(() => InFlight(tracker, stream, expected: 10_000) == 1);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(calls[1..]), static answer => Assert.Equal("mini", answer));
        Assert.Equal(2, fixture.Mini.CallCount);
        Assert.Equal(0, InFlight(tracker, !stream, expected: 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_OfASharedCall_CountsOnce(bool stream)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Fail(400).WithDelay(TimeSpan.FromSeconds(1)) };
        var (client, tracker) = Measured(fixture);
        await AnswerOnceAsync(fixture, client, stream);

        var calls = await ShareAsync(fixture, client, tracker, stream, stream, idle: 1001);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var all = Task.WhenAll(calls);
        var ended = 2;
        await UntilAsync(() =>
        {
            // Whoever waited and comes late to the second call makes a third.
            if (fixture.Clock.Waits > ended)
            {
                ended++;
                fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            return all.IsCompleted;
        });
        await Assert.ThrowsAnyAsync<Exception>(() => all);

        var expected = 1000d;
        for (var failures = fixture.Mini.CallCount - 1; failures > 0; failures--)
        {
            expected = (expected * 0.7) + (10_000 * 0.3);
        }

        Assert.InRange(tracker.LoadOf("mini", stream), 1, 1 + expected);
    }

    private static async Task AnswerOnceAsync(RouterFixture fixture, IChatClient client, bool stream)
    {
        var failing = fixture.MiniTurn;
        fixture.MiniTurn = () => ScriptedTurn.Text("mini").WithDelay(TimeSpan.FromSeconds(1));
        var call = AskAsync(client, "Something else", stream: stream);
        await fixture.Mini.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await call;
        fixture.MiniTurn = failing;
    }

    /// <summary>Starts calls for one request, and sees that the model has one of them.</summary>
    private static async Task<Task<string>[]> ShareAsync(
        RouterFixture fixture, IChatClient client, LatencyTracker tracker, bool first, bool others, double idle = 1)
    {
        var before = fixture.Mini.CallCount;
        var leader = AskAsync(client, Easy, stream: first);
        await UntilAsync(() => fixture.Mini.CallCount == before + 1);
        Task<string>[] calls = [leader, .. Enumerable.Range(1, Callers - 1).Select(_ => AskAsync(client, Easy, stream: others))];

        Assert.Equal(2 * idle, tracker.LoadOf("mini", first));
        return calls;
    }

    private static double InFlight(LatencyTracker tracker, bool stream, double expected) =>
        Math.Round((tracker.LoadOf("mini", stream) / (1 + expected)) - 1, 2);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static (IChatClient Client, LatencyTracker Tracker) Measured(RouterFixture fixture)
    {
        var below = fixture.Catalog.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build(fixture.Services);
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var policies = new RoutePolicyFactory(options, fixture.Catalog, null, fixture.Services, fixture.Clock, static () => 0);
        return (new ModelRouterChatClient(below, options, policies, NullLogger.Instance, new ModelRouterMetrics(null)), policies.Tracker!);
    }
}
