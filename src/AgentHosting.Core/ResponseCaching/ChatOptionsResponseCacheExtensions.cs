using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Tells the response cache what one call wants of it.</summary>
public static class ChatOptionsResponseCacheExtensions
{
    /// <summary>Returns a copy of the options that carries the wish. The stage takes it out before it passes the options on.</summary>
    /// <param name="options">The options, which are left unchanged; <see langword="null"/> for none.</param>
    /// <param name="mode">Whether to read and to write.</param>
    /// <param name="timeToLive">How long the answer may be used, at most 10 years; <see langword="null"/> for the time in <see cref="ResponseCacheOptions.TimeToLive"/>.</param>
    /// <returns>The copy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeToLive"/> is zero or negative, or <paramref name="mode"/> is unknown.</exception>
    public static ChatOptions WithResponseCache(this ChatOptions? options, ResponseCacheMode mode = ResponseCacheMode.Use, TimeSpan? timeToLive = null)
    {
        if (mode is < ResponseCacheMode.Use or > ResponseCacheMode.Refresh)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Use one of Use, Bypass and Refresh.");
        }

        if (timeToLive <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "An answer is kept for a time above zero. Use ResponseCacheMode.Bypass to keep none.");
        }

        var copy = options?.Clone() ?? new ChatOptions();
        copy.AdditionalProperties ??= [];
        copy.AdditionalProperties[ResponseCacheRequest.Key] = new ResponseCacheRequest { Mode = mode, TimeToLive = timeToLive };
        return copy;
    }
}
