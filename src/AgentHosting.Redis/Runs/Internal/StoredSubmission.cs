using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.PayloadProtection;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>What is stored of a submission beside the fields that scripts read.</summary>
internal sealed class StoredSubmission
{
    public string? Tenant { get; init; }

    public string User { get; init; } = "";

    public IReadOnlyList<AgentClaim>? Claims { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public string? TraceParent { get; init; }

    /// <summary>In place of claims and metadata: the two as <see cref="StoredContent"/>, protected.</summary>
    public byte[]? Content { get; init; }

    [JsonIgnore]
    public AgentIdentity Owner => new() { TenantId = Tenant, UserId = User };

    public static StoredSubmission Of(RunSubmission submission, RunPayloads payloads)
    {
        var identity = submission.Identity;
        var content = new StoredContent { Claims = identity.Claims.Count > 0 ? identity.Claims : null, Metadata = submission.Metadata.Count > 0 ? submission.Metadata : null };
        var isSealed = payloads.IsSealing && content is not { Claims: null, Metadata: null };
        return new StoredSubmission
        {
            Tenant = identity.TenantId,
            User = identity.UserId,
            Claims = isSealed ? null : content.Claims,
            Metadata = isSealed ? null : content.Metadata,
            TraceParent = submission.TraceParent,
            Content = isSealed ? payloads.Seal(PayloadKinds.Submission, JsonSerializer.SerializeToUtf8Bytes(content, StoredRunJson.Default.StoredContent)).ToArray() : null,
        };
    }

    /// <summary>Claims and metadata.</summary>
    public StoredContent Open(RunPayloads payloads)
    {
        if (Content is null)
        {
            return new StoredContent { Claims = Claims, Metadata = Metadata };
        }

        return payloads.Open(PayloadKinds.Submission, Content) is { } json ? JsonSerializer.Deserialize(json, StoredRunJson.Default.StoredContent)! : new StoredContent();
    }
}
