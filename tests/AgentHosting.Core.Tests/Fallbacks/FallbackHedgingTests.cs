using System.Diagnostics.Metrics;
using AgentHosting.CircuitBreakers;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.Fallbacks;

public sealed class FallbackHedgingTests
{
    private static readonly TimeSpan _hedgeAfter = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FirstModelIsSlow_SecondWinsAndTheFirstIsCancelled(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken));
        using var hedges = Collect(models);
        using var client = Build(models);
        var context = new AgentCallContext();

        var call = client.CallAsync(streaming, new ChatOptions().WithAgentContext(context));
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter - TimeSpan.FromTicks(1));
        Assert.Equal("1 0 0", models.Calls);
        models.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal("from b", (await call).Text);
        await models.IdleAsync();
        Assert.Equal(RequestOutcome.Cancelled, models.A.Requests[0].Outcome);
        Assert.Equal(RequestOutcome.Completed, models.B.Requests[0].Outcome);
        Assert.Equal("b", context.ServedByModel);
        Assert.Equal("1 1 0", models.Calls);
        Assert.Equal("won", Assert.Single(hedges.GetMeasurementSnapshot()).Tags["agenthosting.fallback.result"]);
        Assert.Contains(models.Logs.GetSnapshot(), record => record.Id.Id == EventIds.HedgeStarted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FirstModelAnswersFirst_HedgeIsCancelled(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2), ScriptedTurn.Fault(WireFault.StallBeforeFirstToken));
        using var hedges = Collect(models);
        using var client = Build(models);
        var context = new AgentCallContext();

        var call = client.CallAsync(streaming, new ChatOptions().WithAgentContext(context));
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);

        Assert.Equal("from a", (await call).Text);
        await models.IdleAsync();
        await hedges.WaitForMeasurementsAsync(1, Token);
        Assert.Equal(RequestOutcome.Cancelled, models.B.Requests[0].Outcome);
        Assert.Equal("a", context.ServedByModel);
        Assert.Equal("1 1 0", models.Calls);
        Assert.Equal("lost", Assert.Single(hedges.GetMeasurementSnapshot()).Tags["agenthosting.fallback.result"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FirstModelFailsBeforeTheDelay_NextIsTriedAtOnce(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503));
        using var client = Build(models);

        Assert.Equal("from b", (await client.CallAsync(streaming)).Text);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_HedgeFails_FirstModelStillAnswers(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2), ScriptedTurn.Fail(503));
        using var client = Build(models);

        var call = client.CallAsync(streaming);
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForIdleAsync(Token);
        await models.B.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);

        Assert.Equal("from a", (await call).Text);
        Assert.Equal("1 1 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_BothFail_ThirdAnswers(bool streaming)
    {
        using var models = new FallbackFixture(
            ScriptedTurn.Fail(503).WithDelay(_hedgeAfter * 2), ScriptedTurn.Fail(502).WithDelay(_hedgeAfter));
        using var client = Build(models);

        var call = client.CallAsync(streaming);
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForRequestsAsync(1, Token);
        await AdvanceUntilAsync(models, call);

        Assert.Equal("from c", (await call).Text);
        Assert.Equal("1 1 1", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_LoserOfAHedge_IsNoFailureToItsBreaker(bool streaming)
    {
        using var models = new FallbackFixture(
            _ => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken),
            _ => ScriptedTurn.Text("from b"),
            _ => ScriptedTurn.Text("from c"),
            perModel: (client, services) => client.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 1 }).Build(services));
        using var client = Build(models);

        for (var calls = 1; calls <= 20; calls++)
        {
            var call = client.CallAsync(streaming);
            // A circuit that had opened would let no further request through.
            await models.A.WaitForRequestsAsync(calls, Token);
            models.Clock.Advance(_hedgeAfter);
            Assert.Equal("from b", (await call).Text);
            await models.IdleAsync();
        }

        Assert.Equal("20 20 0", models.Calls);
    }

    [Fact]
    public async Task Call_ProviderSideTool_IsNotHedged()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 2));
        using var client = Build(models);

        var call = client.CallAsync(streaming: false, new ChatOptions { Tools = [new HostedWebSearchTool()] });
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter * 2);

        Assert.Equal("from a", (await call).Text);
        Assert.Equal("1 0 0", models.Calls);
    }

    [Fact]
    public async Task Stream_SlowAfterItsFirstContent_IsNotHedged()
    {
        using var models = new FallbackFixture(ScriptedTurn.Stream("one ", "two").WithChunkDelay(TimeSpan.FromSeconds(2)));
        using var client = Build(models);

        var call = client.CallAsync(streaming: true);
        await models.A.WaitForRequestsAsync(1, Token);
        await AdvanceUntilAsync(models, call);

        Assert.Equal("one two", (await call).Text);
        Assert.Equal("1 0 0", models.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancels_EndsAllAttempts(bool streaming)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken), ScriptedTurn.Fault(WireFault.StallBeforeFirstToken));
        using var client = Build(models);
        using var cancel = new CancellationTokenSource();

        var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForRequestsAsync(1, Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await models.IdleAsync();
        Assert.Equal("1 1 0", models.Calls);
    }

    [Fact]
    public async Task Call_MaxHedges_BoundsThem()
    {
        using var models = new FallbackFixture(
            ScriptedTurn.Text("from a").WithDelay(_hedgeAfter * 10), ScriptedTurn.Fault(WireFault.StallBeforeFirstToken), ScriptedTurn.Text("from c"));
        using var client = Build(models);

        var call = client.CallAsync(streaming: true);
        await models.A.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter);
        await models.B.WaitForRequestsAsync(1, Token);
        models.Clock.Advance(_hedgeAfter * 9);

        Assert.Equal("from a", (await call).Text);
        Assert.Equal("1 1 0", models.Calls);
        await models.IdleAsync();
    }

    // A request is recorded a moment before its delay stands on the clock, so one step forward may come too early.
    private static async Task AdvanceUntilAsync(FallbackFixture models, Task call)
    {
        while (!call.IsCompleted)
        {
            models.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token));
        }
    }

    private static IChatClient Build(FallbackFixture models) => models.Build(options => options.HedgeAfter = _hedgeAfter);

    private static MetricCollector<long> Collect(FallbackFixture models) =>
        new(models.Services.GetRequiredService<IMeterFactory>(), AgentHostingDiagnostics.MeterName, "agenthosting.fallback.hedges");
}
