using System.Globalization;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>A turn with everything that depends on the request filled in. Client and server both play this, so that they cannot drift apart.</summary>
internal sealed class TurnPlan
{
    private TurnPlan(ScriptedTurn turn, ScriptedRequest request, string defaultModelId, DateTimeOffset now)
    {
        var call = (request.CallIndex + 1).ToString(CultureInfo.InvariantCulture);
        Turn = turn;
        ResponseId = $"chatcmpl-{call}";
        ModelId = turn.ModelId ?? request.ModelId ?? defaultModelId;
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        Chunks = [.. ChunksOf(turn, call)];
        FinishReason = turn.HasFinishReason
            ? turn.FinishReason ?? (turn.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop)
            : null;
        Usage = turn switch
        {
            { HasUsage: false } => null,
            { Usage: { } usage } => usage,
            { HasFinishReason: false } => null,
            _ => TokenEstimate.Of(request, turn),
        };
        Break = turn.Break is { } planned ? planned with { AfterChunks = Math.Min(planned.AfterChunks, Chunks.Count) } : null;
    }

    public ScriptedTurn Turn { get; }

    public string ResponseId { get; }

    public string ModelId { get; }

    public DateTimeOffset CreatedAt { get; }

    public IReadOnlyList<TurnChunk> Chunks { get; }

    public ChatFinishReason? FinishReason { get; }

    public UsageDetails? Usage { get; }

    public TurnBreak? Break { get; }

    public static TurnPlan Create(ScriptedTurn turn, ScriptedRequest request, string defaultModelId, DateTimeOffset now) =>
        new(turn, request, defaultModelId, now);

    public bool BreaksBefore(int chunk) => Break is { } planned && planned.AfterChunks == chunk;

    private static IEnumerable<TurnChunk> ChunksOf(ScriptedTurn turn, string call)
    {
        if (turn.Reasoning is { } reasoning)
        {
            yield return new TurnChunk { Reasoning = reasoning };
        }

        foreach (var text in turn.TextChunks)
        {
            yield return new TurnChunk { Text = text };
        }

        for (var i = 0; i < turn.Calls.Count; i++)
        {
            var callId = turn.Calls[i].CallId ?? string.Create(CultureInfo.InvariantCulture, $"call_{call}_{i + 1}");
            yield return new TurnChunk { Call = turn.Calls[i], CallId = callId, CallPosition = i };
        }
    }
}
