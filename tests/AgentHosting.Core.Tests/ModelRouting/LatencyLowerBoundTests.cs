using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.Pricing;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>What a call that ends without an answer says about the model: that it takes at least as long.</summary>
public sealed class LatencyLowerBoundTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Route_AModelThatHangs_IsLeftForOneThatAnswers(bool streaming)
    {
        using var fixture = new RouterFixture { MiniTurn = () => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken) };
        fixture.LargeTurn = () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return ScriptedTurn.Text("large");
        };
        using var client = fixture.Build(options => options.Policy = ModelRoutePolicies.Latency, null, "mini", "large");

        for (var calls = 0; calls < 40; calls++)
        {
            using var cancel = new CancellationTokenSource();
            var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
            var hangs = fixture.Mini.WaitForRequestsAsync(fixture.Mini.CallCount - fixture.Mini.InFlight + 1, Token);
            if (await Task.WhenAny(call, hangs) == hangs)
            {
                fixture.Clock.Advance(TimeSpan.FromSeconds(5));
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
                await fixture.Mini.WaitForIdleAsync(Token);
            }
            else
            {
                Assert.Equal("large", (await call).Text);
            }
        }

        // It is tried again as its measurement fades, and then left again.
        Assert.InRange(fixture.Mini.CallCount, 1, 8);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Probe_EndsWithoutAnAnswer_CountsItsTimeButNeverLowersTheAverage(bool streaming)
    {
        var clock = new FakeTimeProvider();
        var tracker = new LatencyTracker(clock, TimeSpan.FromDays(1000));

        Leave(tracker, clock, streaming, TimeSpan.FromSeconds(4));
        Assert.Equal(4001, tracker.LoadOf("a", streaming), 1);
        Leave(tracker, clock, streaming, TimeSpan.FromSeconds(1));
        Assert.Equal(4001, tracker.LoadOf("a", streaming), 1);
        Leave(tracker, clock, streaming, TimeSpan.FromSeconds(14));
        Assert.Equal(7001, tracker.LoadOf("a", streaming), 1);
    }

    [Theory]
    [InlineData(3, 10_001)]
    [InlineData(60, 60_001)]
    public void Probe_Fails_CountsTenSecondsOrLonger(int seconds, int load)
    {
        var clock = new FakeTimeProvider();
        var tracker = new LatencyTracker(clock, TimeSpan.FromDays(1000));
        using (var probe = tracker.Start("a", isStreaming: false))
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            probe.Failed();
        }

        Assert.Equal(load, tracker.LoadOf("a", isStreaming: false), 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Route_ACacheHitOnABareBuilder_SaysNothingAboutTheModel(bool streaming)
    {
        using var fixture = new RouterFixture();
        fixture.MiniTurn = () =>
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            return ScriptedTurn.Text("mini");
        };
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var cached = fixture.Mini.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build(fixture.Services);
        var policies = new RoutePolicyFactory(options, cached, null, fixture.Services, fixture.Clock, static () => 0);
        using var client = new ModelRouterChatClient(cached, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null));

        for (var i = 0; i < 4; i++)
        {
            await AskAsync(client, Easy, stream: streaming);
        }

        Assert.Equal(1, fixture.Mini.CallCount);
        Assert.Equal(1001, policies.Tracker!.LoadOf("mini", streaming));
    }

    private static void Leave(LatencyTracker tracker, FakeTimeProvider clock, bool streaming, TimeSpan after)
    {
        using var probe = tracker.Start("a", streaming);
        clock.Advance(after);
    }
}
