using System.ComponentModel;
using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>Why a run or a tool failed.</summary>
internal sealed class RunErrorBody
{
    [JsonPropertyName("code")]
    [Description("A stable word for programs.")]
    public required string Code { get; init; }

    [JsonPropertyName("message")]
    [Description("A sentence for people.")]
    public required string Message { get; init; }

    public static RunErrorBody? From(AgentRunError? error) => error is null ? null : new RunErrorBody { Code = error.Code, Message = error.Message };
}
