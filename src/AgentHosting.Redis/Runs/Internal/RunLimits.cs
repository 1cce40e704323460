using System.Text.Json;
using System.Text.Json.Nodes;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>The limits of the store, as its scripts read them.</summary>
internal static class RunLimits
{
    public static RedisValue Of(RunStoreOptions options) => new JsonObject
    {
        ["retention"] = RedisTime.Of(options.Retention),
        ["deadLetterRetention"] = RedisTime.Of(options.DeadLetterRetention),
        ["sessionRetention"] = RedisTime.Of(options.SessionRetention),
        ["idempotencyRetention"] = RedisTime.Of(options.IdempotencyRetention),
        ["maxUnfinishedRuns"] = options.MaxUnfinishedRuns,
        ["maxUnfinishedBytes"] = options.MaxUnfinishedBytes,
        ["maxRetainedRuns"] = options.MaxRetainedRuns,
        ["maxDeadLetters"] = options.MaxDeadLetters,
        ["maxSessions"] = options.MaxSessions,
        ["maxIdempotencyKeys"] = options.MaxIdempotencyKeys,
        ["maxEvents"] = options.MaxEventsPerRun,
        ["maxRunningPerTenant"] = options.MaxRunningPerTenant,
        ["expiredError"] = JsonSerializer.Serialize(
            new AgentRunError { Code = AgentRunErrorCodes.Expired, Message = "The run was not done before it expired." }, StoredRunJson.Default.AgentRunError),
    }.ToJsonString();
}
