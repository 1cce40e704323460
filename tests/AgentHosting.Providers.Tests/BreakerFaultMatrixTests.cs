using AgentHosting.CircuitBreakers;
using AgentHosting.Failures;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Providers.Tests;

/// <summary>
/// Faults of a provider over real HTTP, met by a breaker that opens at the second: right number of requests, and once the provider is well, two probes close the
/// circuit, so that no permit was lost.
/// </summary>
public sealed class BreakerFaultMatrixTests
{
    private static readonly DateTimeOffset _now = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(WireFailure.Rows), MemberType = typeof(WireFailure))]
    public async Task Breaker_FaultsThenWell_OpensAndClosesAgain(string name, bool streaming)
    {
        var failure = WireFailure.Named(name);
        var well = false;
        await using var provider = await WireClient.StartAsync(_ => well ? ScriptedTurn.Text("well") : failure.Turn);
        var clock = new FakeTimeProvider(_now);
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        using var client = provider.Chat.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 2 }).Build(services);
        var token = TestContext.Current.CancellationToken;
        // A provider that asks for a pause gets it at once; one that stalls is given up by the caller, and one that is slow answers: neither counts.
        var opensAt = failure.RetryAfter is not null ? 1 : failure.Stalls || !failure.Fails ? int.MaxValue : 2;

        for (var call = 1; call <= 2; call++)
        {
            var giveUpAfter = failure.Stalls ? streaming ? failure.Seen : "" : null;
            var (text, error) = await WireClient.CallAsync(client, streaming, giveUpAfter, provider.Server.WaitForRequestsAsync(Math.Min(call, opensAt), token));
            Assert.Equal(call > opensAt, error is CircuitOpenException);
            Assert.Equal(call > opensAt || (failure.Fails && !streaming) ? "" : failure.Seen, text);
        }

        var refused = (await WireClient.CallAsync(client, streaming, failure.Stalls ? "" : null, failure.Stalls ? provider.Server.WaitForRequestsAsync(3, token) : null)).Error;
        Assert.Equal(opensAt <= 2, refused is CircuitOpenException);
        Assert.Equal(opensAt == int.MaxValue ? 3 : opensAt, provider.Server.CallCount);
        if (refused is CircuitOpenException open)
        {
            Assert.Equal(failure.RetryAfter ?? TimeSpan.FromSeconds(30), open.RetryAfter);
            clock.Advance(open.RetryAfter!.Value);
        }

        well = true;
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(("well", null), await WireClient.CallAsync(client, streaming));
        }

        await provider.AssertNothingOpenAsync();
    }
}
