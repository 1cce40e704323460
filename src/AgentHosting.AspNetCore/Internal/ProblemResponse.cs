using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Writes errors as <c>application/problem+json</c>.</summary>
internal static class ProblemResponse
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    public static Task WriteAsync(HttpContext context, int status, string detail, string? taskId = null, string? requestId = null, string? code = null) =>
        WriteAsync(context, new Problem { Type = GetType(status), Title = ReasonPhrases.GetReasonPhrase(status), Status = status, Detail = detail, TaskId = taskId, RequestId = requestId, Code = code });

    /// <summary>400 with what is wrong, by field.</summary>
    public static Task WriteInvalidAsync(HttpContext context, IReadOnlyDictionary<string, string[]> errors) =>
        WriteAsync(context, new Problem
        {
            Type = GetType(StatusCodes.Status400BadRequest),
            Title = "The request is not valid.",
            Status = StatusCodes.Status400BadRequest,
            Detail = "See errors for what to change.",
            Errors = errors,
        });

    /// <summary>A refusal that a later try may not meet.</summary>
    public static Task WriteRetryAsync(HttpContext context, int status, string detail, TimeSpan? retryAfter)
    {
        var seconds = Math.Clamp(Math.Ceiling((retryAfter ?? DefaultRetryAfter).TotalSeconds), 1, int.MaxValue);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, status, detail);
    }

    private static Task WriteAsync(HttpContext context, Problem problem) =>
        JsonResponse.WriteAsync(context, problem.Status, problem, EndpointJsonContext.Wire.Problem, "application/problem+json");

    private static string? GetType(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        StatusCodes.Status403Forbidden => "https://tools.ietf.org/html/rfc9110#section-15.5.4",
        StatusCodes.Status404NotFound => "https://tools.ietf.org/html/rfc9110#section-15.5.5",
        StatusCodes.Status409Conflict => "https://tools.ietf.org/html/rfc9110#section-15.5.10",
        StatusCodes.Status413PayloadTooLarge => "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        StatusCodes.Status415UnsupportedMediaType => "https://tools.ietf.org/html/rfc9110#section-15.5.16",
        StatusCodes.Status422UnprocessableEntity => "https://tools.ietf.org/html/rfc9110#section-15.5.21",
        StatusCodes.Status429TooManyRequests => "https://tools.ietf.org/html/rfc6585#section-4",
        StatusCodes.Status503ServiceUnavailable => "https://tools.ietf.org/html/rfc9110#section-15.6.4",
        _ => "about:blank",
    };
}
