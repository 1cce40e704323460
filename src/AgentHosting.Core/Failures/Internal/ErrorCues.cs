using System.Collections.Frozen;

namespace AgentHosting.Failures.Internal;

/// <summary>The error codes and phrases that say more than the status.</summary>
internal static class ErrorCues
{
    private static readonly FrozenDictionary<string, ChatFailureKind> Codes = new Dictionary<string, ChatFailureKind>
    {
        ["context_length_exceeded"] = ChatFailureKind.ContextWindow,
        ["context_window_exceeded"] = ChatFailureKind.ContextWindow,
        ["model_max_prompt_tokens_exceeded"] = ChatFailureKind.ContextWindow,
        ["string_above_max_length"] = ChatFailureKind.ContextWindow,
        ["request_too_large"] = ChatFailureKind.ContextWindow,
        ["content_filter"] = ChatFailureKind.ContentFilter,
        ["content_policy_violation"] = ChatFailureKind.ContentFilter,
        ["ResponsibleAIPolicyViolation"] = ChatFailureKind.ContentFilter,
        ["moderation_blocked"] = ChatFailureKind.ContentFilter,
        ["safety"] = ChatFailureKind.ContentFilter,
        ["insufficient_quota"] = ChatFailureKind.Authentication,
        ["billing_hard_limit_reached"] = ChatFailureKind.Authentication,
        ["billing_not_active"] = ChatFailureKind.Authentication,
        ["billing_error"] = ChatFailureKind.Authentication,
        ["invalid_api_key"] = ChatFailureKind.Authentication,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Codes that say what a status would have said, where there is none: an error event in a stream.
    private static readonly FrozenDictionary<string, ChatFailureKind> CodesWithoutStatus = new Dictionary<string, ChatFailureKind>
    {
        ["overloaded_error"] = ChatFailureKind.Transient,
        ["api_error"] = ChatFailureKind.Transient,
        ["server_error"] = ChatFailureKind.Transient,
        ["timeout_error"] = ChatFailureKind.Transient,
        ["rate_limit_error"] = ChatFailureKind.RateLimited,
        ["rate_limit_exceeded"] = ChatFailureKind.RateLimited,
        ["invalid_request_error"] = ChatFailureKind.BadRequest,
        ["not_found_error"] = ChatFailureKind.BadRequest,
        ["authentication_error"] = ChatFailureKind.Authentication,
        ["permission_error"] = ChatFailureKind.Authentication,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Providers without a code for it say it in these words.
    private static readonly (string Phrase, ChatFailureKind Kind)[] Phrases =
    [
        ("maximum context length", ChatFailureKind.ContextWindow),
        ("context window", ChatFailureKind.ContextWindow),
        ("context length", ChatFailureKind.ContextWindow),
        ("prompt is too long", ChatFailureKind.ContextWindow),
        ("input is too long", ChatFailureKind.ContextWindow),
        ("exceeds the maximum number of tokens", ChatFailureKind.ContextWindow),
        ("content management policy", ChatFailureKind.ContentFilter),
        ("content filtering policy", ChatFailureKind.ContentFilter),
        ("credit balance is too low", ChatFailureKind.Authentication),
    ];

    public static ChatFailureKind? OfCode(string? code) => code is not null && Codes.TryGetValue(code, out var kind) ? kind : null;

    public static ChatFailureKind? OfCodeWithoutStatus(string? code) => code is not null && CodesWithoutStatus.TryGetValue(code, out var kind) ? kind : null;

    public static ChatFailureKind? OfText(string text)
    {
        foreach (var (phrase, kind) in Phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return null;
    }
}
