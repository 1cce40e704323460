using System.Net;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// Fails a message that the server refused since it does not know the session. The protocol's client would end the session before the one who sent the message hears of it, and
/// what that one hears is, by a race, either that or a cancellation, which says nothing of whether a tool was called.
/// </summary>
internal sealed class McpSessionHandler(HttpMessageHandler innerHandler) : DelegatingHandler(innerHandler)
{
    private const string SessionId = "Mcp-Session-Id";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Post || response.StatusCode != HttpStatusCode.NotFound || !request.Headers.Contains(SessionId))
        {
            return response;
        }

        response.Dispose();
        throw new HttpRequestException("The MCP server does not know the session.", inner: null, HttpStatusCode.NotFound);
    }
}
