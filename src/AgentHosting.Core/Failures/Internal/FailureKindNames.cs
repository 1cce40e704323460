namespace AgentHosting.Failures.Internal;

/// <summary>The values of the failure tag on metrics.</summary>
internal static class FailureKindNames
{
    public static string Of(ChatFailureKind kind) => kind switch
    {
        ChatFailureKind.Transient => "transient",
        ChatFailureKind.RateLimited => "rate_limited",
        ChatFailureKind.ContextWindow => "context_window",
        ChatFailureKind.ContentFilter => "content_filter",
        ChatFailureKind.Authentication => "authentication",
        ChatFailureKind.BadRequest => "bad_request",
        ChatFailureKind.Cancelled => "cancelled",
        ChatFailureKind.TimedOut => "timed_out",
        ChatFailureKind.Rejected => "rejected",
        _ => "unknown",
    };
}
