using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching;

/// <summary>
/// The keys under which <see cref="ChatResponse.AdditionalProperties"/> (in a stream: that of the last update) tell of an answer
/// that cost nothing. An answer that was asked for carries none of them.
/// </summary>
public static class ResponseCacheProperties
{
    /// <summary>Where the answer is from: <see cref="Hit"/> or <see cref="Joined"/>.</summary>
    public const string Result = "agenthosting.cache";

    /// <summary>The <see cref="UsageDetails"/> that the answer cost when it was made. <see cref="ChatResponse.Usage"/> itself is zero.</summary>
    public const string OriginalUsage = "agenthosting.cache.usage";

    /// <summary>The cosine similarity of the question that was answered, a <see cref="double"/>; only on hits of the semantic cache.</summary>
    public const string Similarity = "agenthosting.cache.similarity";

    /// <summary>Value of <see cref="Result"/>: the answer was stored.</summary>
    public const string Hit = "hit";

    /// <summary>Value of <see cref="Result"/>: an identical call was under way, and its answer serves this one too.</summary>
    public const string Joined = "joined";
}
