using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using AgentHosting.Compliance;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.CircuitBreakers;

public sealed class InMemoryCircuitBreakerStoreTests : CircuitBreakerStoreCompliance
{
    private readonly FakeTimeProvider _clock = new();

    protected override ICircuitBreakerStore CreateStore() => new InMemoryCircuitBreakerStore(_clock);

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task TryAcquire_MoreKeysThanTheBound_ForgetsTheOnesUnusedLongest()
    {
        var store = new InMemoryCircuitBreakerStore(_clock);
        var token = TestContext.Current.CancellationToken;
        var first = await store.TryAcquireAsync("key 0", Settings, token);
        for (var i = 1; i <= InMemoryCircuitBreakerStore.MaxCircuits + 100; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await store.TryAcquireAsync($"key {i}", Settings, token);
        }

        Assert.Equal(InMemoryCircuitBreakerStore.MaxCircuits, store.Count);
        await store.TryAcquireAsync("key 0", Settings, token);
        Assert.Equal(default, await store.ReportAsync(first.Permit, Settings, CircuitOutcome.Failure, TimeSpan.FromMinutes(1), token));
        Assert.True((await store.TryAcquireAsync("key 0", Settings, token)).IsAllowed);
    }
}
