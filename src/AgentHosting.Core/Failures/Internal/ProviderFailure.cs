using System.Net.Sockets;
using System.Text.Json;

namespace AgentHosting.Failures.Internal;

/// <summary>Reads what the exceptions of providers' clients tell.</summary>
internal static class ProviderFailure
{
    private const int MaxDepth = 8;

    /// <summary>Classifies the exception, or the first one inside it that says more than it does.</summary>
    public static ChatFailure Classify(Exception exception, TimeProvider timeProvider)
    {
        var cause = exception;
        for (var depth = 0; depth < MaxDepth && cause is not null; depth++)
        {
            if (ReadOne(cause, exception, timeProvider) is { } failure)
            {
                return failure;
            }

            // A client that retried by itself lists what each try met: the last one is the latest word.
            cause = cause is AggregateException { InnerExceptions: [.., var last] } ? last : cause.InnerException;
        }

        return new ChatFailure { Kind = ChatFailureKind.Unknown, Exception = exception };
    }

    private static ChatFailure? ReadOne(Exception cause, Exception exception, TimeProvider timeProvider)
    {
        var response = ResponseOf(cause);
        var code = response.ErrorCode ?? ErrorText.CodeOf(response.Body) ?? ErrorText.CodeInMessage(cause.Message);
        var retryAfter = response.Header is { } header ? RetryAfterOf(header, timeProvider) : null;
        var kind = KindOf(response.Status, code, retryAfter, response.Body ?? cause.Message) ?? KindOf(cause);
        return kind is null
            ? null
            : new ChatFailure { Kind = kind.Value, Exception = exception, StatusCode = response.Status, ErrorCode = code, RetryAfter = retryAfter };
    }

    private static TimeSpan? RetryAfterOf(Func<string, string?> header, TimeProvider timeProvider)
    {
        try
        {
            return RetryAfterHeader.Read(header, timeProvider);
        }
        catch (Exception)
        {
            // The headers may be gone with their response. The status says what happened all the same, and a fault in here would hide it.
            return null;
        }
    }

    private static ProviderResponse ResponseOf(Exception cause) => cause switch
    {
        IChatFailureDetails details => new ProviderResponse(details.StatusCode, details.ErrorCode, Header: details.GetHeader),
        HttpRequestException { StatusCode: { } status } => new ProviderResponse((int)status),
        _ => ExceptionTypes.SourceOf(cause) switch
        {
            ExceptionSource.ClientModel => ClientModelException.Read(cause),
            ExceptionSource.Azure => AzureException.Read(cause),
            ExceptionSource.AnthropicApi => AnthropicException.ReadStatus(cause),
            ExceptionSource.AnthropicStream => AnthropicException.ReadEvent(cause),
            _ => new ProviderResponse(ErrorText.StatusOf(cause.Message)),
        },
    };

    private static ChatFailureKind? KindOf(int? status, string? code, TimeSpan? retryAfter, string text) => status switch
    {
        null => ErrorCues.OfCode(code) ?? ErrorCues.OfCodeWithoutStatus(code),
        >= 400 and < 500 and not (401 or 408 or 409) when ErrorCues.OfCode(code) is { } kind => kind,
        400 or 413 or 422 when ErrorCues.OfText(text) is { } kind => kind,
        503 when retryAfter is not null => ChatFailureKind.RateLimited,
        408 or 409 or >= 500 => ChatFailureKind.Transient,
        429 => ChatFailureKind.RateLimited,
        413 => ChatFailureKind.ContextWindow,
        401 or 402 or 403 => ChatFailureKind.Authentication,
        >= 400 => ChatFailureKind.BadRequest,
        _ => null,
    };

    private static ChatFailureKind? KindOf(Exception cause) => cause switch
    {
        TimeoutException => ChatFailureKind.TimedOut,

        // HttpClient reports its own time limit as a cancellation with this inside. Any other cancellation that is not the caller's came from the way to the provider.
        OperationCanceledException => cause.InnerException is TimeoutException ? ChatFailureKind.TimedOut : ChatFailureKind.Transient,
        HttpRequestException or IOException or SocketException => ChatFailureKind.Transient,

        // A body that is no JSON is a proxy's page or half an answer.
        JsonException => ChatFailureKind.Transient,
        _ => null,
    };
}
