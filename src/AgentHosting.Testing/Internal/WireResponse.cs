using Microsoft.AspNetCore.Http;

namespace AgentHosting.Testing.Internal;

internal static class WireResponse
{
    public const string Json = "application/json";

    public static Task SendErrorAsync(HttpContext context, WireError error, CancellationToken cancellationToken = default) =>
        SendJsonAsync(context, error.Status, WireJson.Error(error), cancellationToken);

    public static async Task SendJsonAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.Response.StatusCode = status;
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, cancellationToken);
    }

    public static Dictionary<string, string> HeadersOf(HttpRequest request) =>
        request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
}
