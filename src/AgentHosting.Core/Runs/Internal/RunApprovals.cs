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
    public const string Superseded = "superseded";
    private const string Prefix = "apr_";
    private const string Suffix = "/approval";

    /// <summary>The result of a call that nobody approved before its run ended.</summary>
    public static byte[] NotMade { get; } = JournalFormat.WriteToolResult(
        ToolResultKind.Error, "Error: this call waited for the approval of a person, who had not answered when the task ended. It was not made.", JournalFormat.Options);

    public static string KeyOf(string toolStep) => toolStep + Suffix;

    /// <summary>The step that a question of a tool call is about.</summary>
    public static string ToolStepOf(string key) =>
        key.EndsWith(Suffix, StringComparison.Ordinal) ? key[..^Suffix.Length]
        : key.LastIndexOf(RunRepeats.Suffix, StringComparison.Ordinal) is > 0 and var end ? key[..end]
        : key;

    /// <summary>What a call comes to whose question nobody had answered when its run ended.</summary>
    public static byte[] UnansweredOf(string key) => ToolStepOf(key) is var step && step != key && !key.EndsWith(Suffix, StringComparison.Ordinal) ? RunRepeats.NotAnswered : NotMade;

    public static string RequestId(string runId, string toolStep, ToolEntry entry, ToolArguments arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[runId, toolStep, entry.Name, entry.Schema.Hash])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        hash.AppendData(arguments.Canonical);
        return $"{Prefix}{Convert.ToHexStringLower(hash.GetHashAndReset())[..32]}";
    }

    /// <summary>The id of a question that code asks: bound to its words and to who may answer.</summary>
    public static string RequestId(string runId, string key, string question, string? approver) => $"{Prefix}{Hash(runId, key, question, approver ?? "")}";

    /// <summary>The id of a wait that is no question.</summary>
    public static string WaitId(string runId, string key) => $"wait_{Hash(runId, key)}";

    /// <summary>Whether people may answer it.</summary>
    public static bool IsQuestion(string requestId) => requestId.StartsWith(Prefix, StringComparison.Ordinal);

    private static string Hash(params string[] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
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

    /// <summary>The wait with the answers that the store gives by itself: when nobody answers in time, and when the user goes on with another message.</summary>
    public static RunWait WithOwnAnswers(RunWait wait) => wait.Answered(
        Answer(wait, new ApprovalAnswer(wait.RequestId, false, IsExpired: true)),
        Answer(wait, new ApprovalAnswer(wait.RequestId, false, "superseded by a newer message of the user"), Superseded));

    /// <summary>An answer as the store takes it.</summary>
    public static RunAnswer Answer(RunWait wait, ApprovalAnswer answer, string? decision = null) => new()
    {
        Decision = decision ?? (answer.IsExpired ? Expired : answer.IsApproved ? Approved : Rejected),
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
