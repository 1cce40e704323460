using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>What one call wants of the cache, as it travels in the options.</summary>
internal sealed class ResponseCacheRequest
{
    public const string Key = "agenthosting.response_cache";

    public ResponseCacheMode Mode { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    public static ResponseCacheRequest? Of(ChatOptions? options) =>
        options?.AdditionalProperties is { } properties && properties.TryGetValue(Key, out var value) ? value as ResponseCacheRequest : null;

    /// <summary>The options as the stages below are to see them.</summary>
    public static ChatOptions? RemovedFrom(ChatOptions? options)
    {
        if (options?.AdditionalProperties is not { } properties || !properties.ContainsKey(Key))
        {
            return options;
        }

        var copy = options.Clone();
        copy.AdditionalProperties!.Remove(Key);
        if (copy.AdditionalProperties.Count == 0)
        {
            copy.AdditionalProperties = null;
        }

        return copy;
    }
}
