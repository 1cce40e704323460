namespace AgentHosting.Failures.Internal;

/// <summary>Reads what the exceptions of providers' clients tell.</summary>
internal static class ProviderFailure
{
    public static ChatFailure Classify(Exception exception, TimeProvider timeProvider)
    {
        var details = exception as IChatFailureDetails;
        var status = details?.StatusCode ?? (exception is HttpRequestException { StatusCode: { } code } ? (int)code : null);
        return new ChatFailure
        {
            Kind = KindOf(status, exception),
            Exception = exception,
            StatusCode = status,
            ErrorCode = details?.ErrorCode,
            RetryAfter = details is null ? null : RetryAfterHeader.Read(details.GetHeader, timeProvider),
        };
    }

    private static ChatFailureKind KindOf(int? status, Exception exception) => status switch
    {
        408 or 409 or 500 or 502 or 503 or 504 or 529 => ChatFailureKind.Transient,
        429 => ChatFailureKind.RateLimited,
        413 => ChatFailureKind.ContextWindow,
        401 or 402 or 403 => ChatFailureKind.Authentication,
        >= 400 and < 500 => ChatFailureKind.BadRequest,
        >= 500 => ChatFailureKind.Transient,
        _ => exception is HttpRequestException or IOException or OperationCanceledException or TimeoutException
            ? ChatFailureKind.Transient
            : ChatFailureKind.Unknown,
    };
}
