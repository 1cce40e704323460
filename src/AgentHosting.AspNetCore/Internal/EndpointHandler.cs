using AgentHosting.RateLimits;
using AgentHosting.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>What all handlers share: who may come in, and which answer an exception gets.</summary>
internal static partial class EndpointHandler
{
    public static RequestDelegate Create(EndpointExposure exposure, RequestDelegate handler) => async context =>
    {
        if (exposure.State == EndpointExposureState.Unchecked)
        {
            await ProblemResponse.WriteRetryAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "The host has not checked yet that these endpoints may be served. It does so when it starts.",
                retryAfter: null);
            return;
        }

        if (exposure.State == EndpointExposureState.OpenOnLoopback && !LoopbackAddresses.IsLoopback(context))
        {
            await ProblemResponse.WriteAsync(
                context, StatusCodes.Status403Forbidden, "This host serves requests from its own machine only, to localhost or a loopback address.");
            return;
        }

        try
        {
            await handler(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted && IsExpected(exception))
        {
            await WriteAsync(context, exception);
        }
    };

    private static bool IsExpected(Exception exception) =>
        exception is AgentRunRequestException or AgentRequestRejectedException or BadHttpRequestException or RunStoreUnavailableException or TimeoutException;

    private static Task WriteAsync(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case AgentRunRequestException invalid:
                return ProblemResponse.WriteInvalidAsync(context, invalid.Errors);
            case SessionBusyException busy:
                return ProblemResponse.WriteAsync(context, StatusCodes.Status409Conflict, busy.Message, busy.RunId, busy.RequestId, busy.Code);
            case IdempotencyConflictException conflict:
                return ProblemResponse.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, conflict.Message);
            case RunStoreFullException full:
                return ProblemResponse.WriteRetryAsync(context, StatusCodes.Status503ServiceUnavailable, full.Message, full.RetryAfter);
            case RateLimiterUnavailableException unavailable:
                return ProblemResponse.WriteRetryAsync(context, StatusCodes.Status503ServiceUnavailable, unavailable.Message, unavailable.RetryAfter);
            case AgentRequestRejectedException rejected:
                return ProblemResponse.WriteRetryAsync(context, StatusCodes.Status429TooManyRequests, rejected.Message, rejected.RetryAfter);
            case BadHttpRequestException bad:
                return ProblemResponse.WriteAsync(context, bad.StatusCode, "The request could not be read. " + bad.Message);
            default:
                LogTimeout(context.RequestServices.GetRequiredService<ILogger<EndpointExposure>>(), exception, context.Request.Path);
                return ProblemResponse.WriteRetryAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "The run store cannot be reached, or did not answer in time. Try again; with an Idempotency-Key a repeated submission is safe.", retryAfter: null);
        }
    }

    [LoggerMessage(EventIds.StoreTimedOut, LogLevel.Warning, "The run store did not answer a request to '{Path}' in time, or could not be reached.", EventName = "StoreTimedOut")]
    private static partial void LogTimeout(ILogger logger, Exception exception, PathString path);
}
