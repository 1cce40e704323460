using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Entry 0 of a journal: what the run began from. Frozen by the first attempt and read back by every other, so that a definition that was changed in between
/// does not change what a run sends that is under way.
/// </summary>
internal sealed class RunStart
{
    public const string Key = "0";

    public string? Instructions { get; init; }

    public string? Model { get; init; }

    public required int MaxOutputTokens { get; init; }

    public float? Temperature { get; init; }

    public required int MaxIterations { get; init; }

    /// <summary>Whether providers may work answers out in the background.</summary>
    public bool AllowBackgroundResponses { get; init; }

    /// <summary>The version of the session that the run continues; <see langword="null"/> without one.</summary>
    public long? SessionVersion { get; init; }

    /// <summary>A hash over the names and schemas of the tools.</summary>
    public required string ToolsHash { get; init; }

    /// <summary>The conversation, the run's own message last.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    public ChatOptions ToOptions(IList<AITool> tools) => new()
    {
        Instructions = Instructions,
        // Only what the agent names: without it a router chooses, or else the catalog's first model answers.
        ModelId = Model,
        MaxOutputTokens = MaxOutputTokens,
        Temperature = Temperature,
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        AllowBackgroundResponses = AllowBackgroundResponses ? true : null,
#pragma warning restore MEAI001
        Tools = tools.Count > 0 ? tools : null,
    };
}
