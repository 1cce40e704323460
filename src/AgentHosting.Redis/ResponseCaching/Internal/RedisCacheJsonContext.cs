using System.Text.Json.Serialization;
using ZiggyCreatures.Caching.Fusion.Internals.Distributed;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>What the cache stores of this package and of its own: answers, and the times at which tags were removed.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FusionCacheDistributedEntry<byte[]>))]
[JsonSerializable(typeof(FusionCacheDistributedEntry<string>))]
[JsonSerializable(typeof(FusionCacheDistributedEntry<long>))]
internal sealed partial class RedisCacheJsonContext : JsonSerializerContext;
