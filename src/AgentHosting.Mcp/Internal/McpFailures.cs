using System.Net;
using ModelContextProtocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>Reads what the exceptions of the protocol's client mean.</summary>
internal static class McpFailures
{
    /// <summary>Whether the session is of no more use.</summary>
    public static bool IsSessionGone(Exception exception, McpSession session) =>
        session.IsGone || Chain(exception).Any(static part => part is IOException or HttpRequestException or ObjectDisposedException);

    /// <summary>
    /// Whether the request has certainly not reached a tool: nobody listens, the process had ended before, or the request was refused. For a session that is not known the
    /// protocol asks for 404; servers of its own TypeScript kit answer 400.
    /// </summary>
    public static bool IsNotExecuted(Exception exception) => Chain(exception).Any(static part => part is McpNotSentException || part is HttpRequestException http && (
        http.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.RequestTimeout
        || http.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError));

    /// <summary>
    /// Whether a server that does not know the session may have answered so. Servers of the protocol's TypeScript kit say it in the body of a 400, with a code of
    /// the range that is left to servers.
    /// </summary>
    public static bool MayBeUnknownSession(McpProtocolException exception) => (int)exception.ErrorCode is <= -32000 and >= -32099;

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? part = exception; part is not null; part = part.InnerException)
        {
            yield return part;
        }
    }
}
