using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AgentHosting.Testing.Internal;

/// <summary>Turns a scripted failure into what a client on a real connection would see.</summary>
internal static class TurnFailure
{
    public static string MessageOf(ScriptedTurn turn) => turn.ErrorMessage ?? $"The scripted provider answers with status {turn.Status}.";

    public static Exception? BeforeContent(ScriptedTurn turn, DateTimeOffset now)
    {
        if (turn.Error is { } error)
        {
            return error;
        }

        return turn.Status is { } status
            ? new ScriptedHttpException(status, MessageOf(turn), turn.Headers, RetryAfterOf(turn.Headers, now), turn.ErrorCode)
            : null;
    }

    public static Exception OfBreak(TurnBreak planned) => planned switch
    {
        { Exception: { } exception } => exception,
        { Fault: WireFault.ResetBeforeHeaders } => new HttpRequestException(
            HttpRequestError.ConnectionError,
            "An error occurred while sending the request.",
            new IOException("Connection reset by peer (scripted fault ResetBeforeHeaders).")),
        { Fault: WireFault.ResetAfterHeaders or WireFault.ResetMidStream } => new HttpIOException(
            HttpRequestError.ResponseEnded, $"The response ended prematurely (scripted fault {planned.Fault})."),
        _ => new JsonException($"The response is no valid JSON (scripted fault {planned.Fault})."),
    };

    private static TimeSpan? RetryAfterOf(IReadOnlyDictionary<string, string> headers, DateTimeOffset now)
    {
        if (headers.TryGetValue("retry-after-ms", out var text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        if (!headers.TryGetValue("Retry-After", out text) || !RetryConditionHeaderValue.TryParse(text, out var condition))
        {
            return null;
        }

        var wait = condition.Delta ?? condition.Date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
