using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>How a shared call ended.</summary>
internal sealed class FlightResult
{
    /// <summary>The answer for all but the leader; <see langword="null"/> when it has no stored form, or is too large.</summary>
    public CachedAnswer? Answer { get; init; }

    /// <summary>The leader's response, as the model gave it; <see langword="null"/> when the answer was stored already.</summary>
    public ChatResponse? Response { get; init; }

    /// <summary>Where a stored answer was found; <see langword="null"/> when a model was asked.</summary>
    public string? Level { get; init; }

    /// <summary>The similarity of the question that it answers, for hits of the semantic cache.</summary>
    public double? Similarity { get; init; }
}
