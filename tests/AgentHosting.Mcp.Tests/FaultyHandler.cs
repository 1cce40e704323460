namespace AgentHosting.Mcp.Tests;

/// <summary>Stands between the client and the server, and answers requests whose body holds a text in its own way.</summary>
internal sealed class FaultyHandler(string text, Func<CancellationToken, Task<HttpResponseMessage>> answer) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return body.Contains(text, StringComparison.Ordinal) ? await answer(cancellationToken) : await base.SendAsync(request, cancellationToken);
    }
}
