using AgentHosting.CircuitBreakers;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>The column of the breaker in docs/fault-matrix.md.</summary>
public sealed class BreakerFaultMatrixTests
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    public static TheoryData<string, bool, string> Cells() => FaultTable.Column("breaker");

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Breaker_FaultsThenWell_IsAsTheTableSaysAndClosesAgain(string fault, bool streaming, string expected)
    {
        await using var run = await MatrixRun.StartAsync(fault, streaming);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        // The breaker has a clock that can be put forward; the limits below it need one that goes.
        run.Pipeline = run.First.Chat.AsBuilder().UseTimeout(run.Limits).Build()
            .AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 2 }).Build(services);

        var outcome = await run.CallAsync();
        for (var call = 1; call < 3; call++)
        {
            var passed = run.First.Server.CallCount;
            var next = await run.CallAsync();
            Assert.Equal(run.Error is CircuitOpenException ? (outcome, passed) : (next, passed + 1), (outcome, run.First.Server.CallCount));
        }

        var requests = run.First.Server.CallCount;
        Assert.Equal(expected, $"{outcome} {requests}");
        Assert.Equal(requests < 3, run.Error is CircuitOpenException);
        if (run.Error is CircuitOpenException { RetryAfter: { } wait })
        {
            var asked = Faults.Named(fault).RetryAfter is { } pause && pause < LongestPause ? pause : LongestPause;
            Assert.InRange(wait, requests == 1 ? asked : TimeSpan.FromSeconds(30), requests == 1 ? asked + TimeSpan.FromSeconds(1.2) : TimeSpan.FromSeconds(30));
            clock.Advance(wait);
        }

        run.IsWell = true;
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal("answer", await run.CallAsync());
        }

        await run.AssertNothingOpenAsync();
    }
}
