using AgentHosting.Compliance;
using AgentHosting.Redis.SpendLedgers.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.SpendLedgers;

public sealed class RedisSpendLedgerTests(SharedRedis redis) : SpendLedgerCompliance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    protected override ISpendLedger CreateLedger() =>
        new RedisSpendLedger(redis.Connect(_clock), Options.Create(new SpendLedgerOptions()), TimeProvider.System);

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}
