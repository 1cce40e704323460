using System.ComponentModel;
using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>A step of a run.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class RunStepBody
{
    [JsonPropertyName("key")]
    [Description("The ordinal of the model call, ordinal.position for a tool call, ordinal.position/approval for the approval of one and ordinal.position/repeat for whether to repeat it; s1, s2 and so on for steps of code.")]
    public required string Key { get; init; }

    [JsonPropertyName("kind")]
    [Description("One of: model, tool, approval, step, timer, event.")]
    public required string Kind { get; init; }

    [JsonPropertyName("name")]
    [Description("The agent of a model call, the tool of a tool call or its approval, else the name that the code gave.")]
    public required string Name { get; init; }

    [JsonPropertyName("model")]
    [Description("The model that served the call.")]
    public string? Model { get; init; }

    [JsonPropertyName("tokens")]
    [Description("All tokens of the call.")]
    public long? Tokens { get; init; }

    [JsonPropertyName("cost")]
    public decimal? Cost { get; init; }

    [JsonPropertyName("replayed")]
    [Description("Whether the newest attempt took it from an earlier one instead of executing it.")]
    public required bool Replayed { get; init; }

    public static RunStepBody From(RunStep step) => new()
    {
        Key = step.Key,
        Kind = RunWords.Of(step.Kind),
        Name = step.Name,
        Model = step.Model,
        Tokens = step.Usage?.TotalTokens,
        Cost = step.Cost,
        Replayed = step.Replayed,
    };
}
