using AgentHosting.Compliance;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>What holds of a queue in one partition holds of one in several.</summary>
public sealed class RedisRunStorePartitionedTests(SharedRedis redis) : RunStoreCompliance
{
    private readonly FakeTimeProvider _time = new();

    protected override ValueTask<IRunStore> CreateStoreAsync(RunStoreOptions options)
    {
        var settings = SharedRedis.NewOptions();
        settings.Partitions = 3;
        return ValueTask.FromResult<IRunStore>(
            new RedisRunStore(redis.Connect(_time, settings), Microsoft.Extensions.Options.Options.Create(options), NullLogger<RedisRunStore>.Instance));
    }

    protected override bool IsSharded => true;

    protected override ValueTask AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        return ValueTask.CompletedTask;
    }
}
