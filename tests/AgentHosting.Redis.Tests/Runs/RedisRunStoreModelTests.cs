using AgentHosting.Compliance;
using AgentHosting.Compliance.Model;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

public sealed class RedisRunStoreModelTests(SharedRedis redis) : RunStoreModelCompliance
{
    protected override int Slowness => 50;

    protected override RunStoreUnderTest CreateStore(RunStoreOptions options)
    {
        var time = new FakeTimeProvider();
        var store = new RedisRunStore(redis.Connect(time), Microsoft.Extensions.Options.Options.Create(options), NullLogger<RedisRunStore>.Instance);
        return new(store, time, span =>
        {
            time.Advance(span);
            return ValueTask.CompletedTask;
        });
    }
}
