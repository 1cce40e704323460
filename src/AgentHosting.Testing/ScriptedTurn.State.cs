using AgentHosting.Testing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing;

public sealed partial class ScriptedTurn
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    internal IReadOnlyList<string> TextChunks { get; private set; } = [];

    internal string? Reasoning { get; private set; }

    internal IReadOnlyList<ScriptedToolCall> Calls { get; private set; } = [];

    internal Exception? Error { get; private set; }

    internal int? Status { get; private set; }

    internal string? ErrorMessage { get; private set; }

    internal string? ErrorCode { get; private set; }

    internal string? ErrorType { get; private set; }

    internal IReadOnlyDictionary<string, string> Headers { get; private set; } = NoHeaders;

    internal TimeSpan Delay { get; private set; }

    internal TimeSpan ChunkDelay { get; private set; }

    internal bool HasUsage { get; private set; } = true;

    internal UsageDetails? Usage { get; private set; }

    internal bool HasFinishReason { get; private set; } = true;

    internal ChatFinishReason? FinishReason { get; private set; }

    internal string? ModelId { get; private set; }

    internal TurnBreak? Break { get; private set; }

    private ScriptedTurn Change(Action<ScriptedTurn> change)
    {
        var copy = (ScriptedTurn)MemberwiseClone();
        change(copy);
        return copy;
    }
}
