using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>
/// Writes entries as JSON. Answers are bytes, and need no reflection; values of other types, of an application that uses the cache for itself, do, and are an error
/// where it was trimmed away.
/// </summary>
internal sealed class RedisCacheSerializer : IFusionCacheSerializer
{
    private static readonly JsonSerializerOptions _options = CreateOptions();

    public byte[] Serialize<T>(T? obj) => JsonSerializer.SerializeToUtf8Bytes(obj!, TypeOf<T>());

    public T? Deserialize<T>(byte[] data) => JsonSerializer.Deserialize(data, TypeOf<T>());

    public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => ValueTask.FromResult(Serialize(obj));

    public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) => ValueTask.FromResult(Deserialize<T>(data));

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Not reached where reflection was trimmed away.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Not reached where reflection was trimmed away.")]
    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = RedisCacheJsonContext.Default };
        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        }

        options.MakeReadOnly();
        return options;
    }
}
