using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AgentHosting.Failures.Internal;

/// <summary>Reads the exceptions of the official <c>Anthropic</c> client, which keep status and body of a response and no headers.</summary>
internal static class AnthropicException
{
    private const string ServiceType = "Anthropic.Exceptions.AnthropicServiceException, Anthropic";
    private const string ApiType = "Anthropic.Exceptions.AnthropicApiException, Anthropic";

    public static ProviderResponse ReadStatus(Exception exception) => new((int)GetStatusCode(exception), Body: GetResponseBody(exception));

    /// <summary>An error event in a stream: its body is all there is.</summary>
    public static ProviderResponse ReadEvent(Exception exception) =>
        new(null, Body: GetBody(exception) is { ValueKind: JsonValueKind.Object } body ? body.GetRawText() : null);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Body")]
    private static extern JsonElement GetBody([UnsafeAccessorType(ServiceType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_StatusCode")]
    private static extern HttpStatusCode GetStatusCode([UnsafeAccessorType(ApiType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ResponseBody")]
    private static extern string? GetResponseBody([UnsafeAccessorType(ApiType)] object exception);
}
