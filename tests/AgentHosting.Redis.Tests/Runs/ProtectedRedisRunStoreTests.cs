using AgentHosting.Compliance;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>With a protector the store does what it does without.</summary>
public sealed class ProtectedRedisRunStoreTests(SharedRedis redis) : RunStoreCompliance
{
    private readonly FakeTimeProvider _time = new();

    protected override ValueTask<IRunStore> CreateStoreAsync(RunStoreOptions options) => ValueTask.FromResult<IRunStore>(
        new RedisRunStore(redis.Connect(_time), Microsoft.Extensions.Options.Options.Create(options), NullLogger<RedisRunStore>.Instance, new TestProtector()));

    protected override int PayloadOverhead => 40;

    protected override ValueTask AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        return ValueTask.CompletedTask;
    }
}
