using System.ComponentModel;
using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The answer to a submission or to a request to cancel.</summary>
internal sealed class RunAcceptedBody
{
    [JsonPropertyName("task_id")]
    [Description("The id of the run.")]
    public required string TaskId { get; init; }

    [JsonPropertyName("status")]
    [Description(RunWords.StatusDescription)]
    public required string Status { get; init; }
}
