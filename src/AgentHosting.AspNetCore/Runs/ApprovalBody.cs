using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using AgentHosting.AspNetCore.Internal;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The body of <c>approvals</c>.</summary>
internal sealed class ApprovalBody
{
    private const int MaxReasonLength = 1000;
    private static readonly string[] Fields = ["request_id", "approved", "reason"];

    [JsonPropertyName("request_id")]
    [Description("The request that is answered, from waiting_for or from the event approval.requested.")]
    public required string RequestId { get; init; }

    [JsonPropertyName("approved")]
    [Description("Whether the call may be made.")]
    public required bool Approved { get; init; }

    [JsonPropertyName("reason")]
    [Description("Why. The model reads it where the call is rejected.")]
    [StringLength(MaxReasonLength)]
    public string? Reason { get; init; }

    /// <returns>The answer, or <see langword="null"/> when <paramref name="errors"/> says why there is none.</returns>
    public static ApprovalBody? Parse(ReadOnlyMemory<byte> body, FieldErrors errors) => JsonBody.Read(body, Fields, errors, fields =>
    {
        var requestId = fields.ReadString("request_id");
        var approved = fields.ReadBoolean("approved");
        var reason = fields.ReadString("reason");
        if (!fields.Has("request_id"))
        {
            errors.Add("request_id", "Say which request is answered: waiting_for in the status names it.");
        }

        if (!fields.Has("approved"))
        {
            errors.Add("approved", "Say true or false.");
        }

        if (reason?.Length > MaxReasonLength)
        {
            errors.Add("reason", string.Create(CultureInfo.InvariantCulture, $"It has {reason.Length} characters. Send at most {MaxReasonLength}."));
        }

        return errors.Any ? null : new ApprovalBody { RequestId = requestId!, Approved = approved!.Value, Reason = reason };
    });
}
