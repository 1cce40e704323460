using System.Globalization;
using AgentHosting.Agents;

namespace AgentHosting.Runs.Internal;

/// <summary>The rules of a submission, whatever way it comes in. Fields have the names of the HTTP contract.</summary>
internal static class AgentRunRequestValidator
{
    private const int MaxIdLength = 128;
    private const int MaxKeyLength = 200;
    private const int MaxMetadataEntries = 16;
    private const int MaxMetadataKeyLength = 64;
    private const int MaxMetadataValueLength = 512;
    private const int MaxMessageLength = 1_000_000;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    public static void Validate(AgentRunRequest request, IAgentRegistry agents)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        void Add(string field, string error) => errors[field] = [.. errors.GetValueOrDefault(field, []), error];

        if (string.IsNullOrWhiteSpace(request.Message))
        {
            Add("message", "Say something: the message is empty.");
        }
        else if (request.Message.Length > MaxMessageLength)
        {
            Add("message", string.Create(CultureInfo.InvariantCulture, $"The message has {request.Message.Length} characters. Send at most {MaxMessageLength}."));
        }

        if (request.Agent is { } agent && agents.Find(agent) is null)
        {
            Add("agent", $"There is no agent '{Shorten(agent)}'. Use one of: {string.Join(", ", agents.Names)}.");
        }

        if (request.Priority is < 0 or > AgentRunRequest.MaxPriority)
        {
            Add("priority", string.Create(CultureInfo.InvariantCulture, $"{request.Priority} is not from 0 to {AgentRunRequest.MaxPriority}."));
        }

        if (request.Delay < TimeSpan.Zero || request.Delay > MaxDelay)
        {
            Add("delay", string.Create(CultureInfo.InvariantCulture, $"{request.Delay.TotalSeconds} seconds is not from 0 to {MaxDelay.TotalSeconds}."));
        }

        CheckId(request.Identity.UserId, "user_id", MaxIdLength, Add);
        CheckId(request.Identity.TenantId, "tenant_id", MaxIdLength, Add);
        CheckId(request.SessionId, "session_id", MaxIdLength, Add);
        CheckId(request.IdempotencyKey, "Idempotency-Key", MaxKeyLength, Add);
        if (!Enum.IsDefined(request.OnBusy))
        {
            Add("on_busy", $"'{request.OnBusy}' is not one of: enqueue, reject, interrupt, rollback.");
        }
        else if (request.Supersede && request.OnBusy != SessionBusyPolicy.Enqueue)
        {
            Add("supersede", $"It goes with on_busy 'enqueue' only, and on_busy is '{request.OnBusy.ToString().ToLowerInvariant()}'.");
        }

        if (request.Metadata.Count > MaxMetadataEntries)
        {
            Add("metadata", string.Create(CultureInfo.InvariantCulture, $"There are {request.Metadata.Count} entries. Send at most {MaxMetadataEntries}."));
        }

        foreach (var (key, value) in request.Metadata)
        {
            if (key.Length is 0 or > MaxMetadataKeyLength || value.Length > MaxMetadataValueLength)
            {
                Add("metadata", string.Create(
                    CultureInfo.InvariantCulture,
                    $"Entry '{Shorten(key)}' is too long or has no name. Use names of 1 to {MaxMetadataKeyLength} and values of at most {MaxMetadataValueLength} characters."));
            }
        }

        if (errors.Count > 0)
        {
            throw new AgentRunRequestException("The run request is not valid: " + string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(" ", error.Value)}")))
            {
                Errors = errors,
            };
        }
    }

    private static void CheckId(string? value, string field, int maxLength, Action<string, string> add)
    {
        if (value is not null && (value.Length == 0 || value.Length > maxLength || value.Any(char.IsControl)))
        {
            add(field, string.Create(CultureInfo.InvariantCulture, $"Use 1 to {maxLength} characters, none of them a control character."));
        }
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
