using System.Security.Cryptography;
using System.Text;
using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// What a request for approval is bound to, and what its answers are in the store. Its id is a hash over the run, the step, the tool with its schema, and the arguments: it is
/// the same in every attempt, so that nobody is asked twice, and an answer holds for nothing else.
/// </summary>
internal static class RunApprovals
{
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Expired = "expired";
    private const string Suffix = "/approval";

    /// <summary>The result of a call that nobody approved before its run ended.</summary>
    public static byte[] NotMade { get; } = JournalFormat.WriteToolResult(
        ToolResultKind.Error, "Error: this call waited for the approval of a person, who had not answered when the task ended. It was not made.", JournalFormat.Options);

    public static string KeyOf(string toolStep) => toolStep + Suffix;

    public static string ToolStepOf(string key) => key.EndsWith(Suffix, StringComparison.Ordinal) ? key[..^Suffix.Length] : key;

    public static string RequestId(string runId, string toolStep, ToolEntry entry, ToolArguments arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[runId, toolStep, entry.Name, entry.Schema.Hash])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        hash.AppendData(arguments.Canonical);
        return $"apr_{Convert.ToHexStringLower(hash.GetHashAndReset())[..32]}";
    }

    /// <summary>The request as the audit and the validator know it.</summary>
    public static ToolApprovalRequest Request(
        string id, ToolEntry entry, ToolArguments arguments, string callId, string toolStep, string? approver, string? reason, ToolPolicyContext context, DateTimeOffset now, TimeSpan lifetime) => new()
        {
            Id = id,
            Tool = entry.Name,
            CallId = callId,
            Arguments = arguments.Canonical,
            ArgumentsHash = CanonicalJson.Hash(arguments.Canonical),
            SchemaHash = entry.Schema.Hash,
            Risk = context.Risk,
            TenantId = context.Call?.TenantId,
            UserId = context.Call?.UserId,
            SessionId = context.Call?.SessionId,
            RunId = context.Call?.RunId,
            Step = toolStep,
            Agent = context.Agent,
            Approver = approver,
            Reason = reason,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };

    /// <summary>An answer as the store takes it.</summary>
    public static RunAnswer Answer(RunWait wait, ApprovalAnswer answer) => new()
    {
        Decision = answer.IsExpired ? Expired : answer.IsApproved ? Approved : Rejected,
        Payload = JournalFormat.WriteApproval(answer),
        Version = JournalFormat.Version,
        Event = new AgentRunEvent
        {
            Type = AgentRunEventTypes.ApprovalAnswered,
            Step = ToolStepOf(wait.Key),
            Name = wait.Name,
            RequestId = answer.RequestId,
            Approved = answer.IsApproved,
            Reason = answer.IsExpired ? "Nobody answered in time." : answer.Reason,
            Approver = answer.Approver,
        },
    };
}
