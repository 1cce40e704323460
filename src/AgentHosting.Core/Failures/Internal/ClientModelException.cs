using System.Runtime.CompilerServices;

namespace AgentHosting.Failures.Internal;

/// <summary>Reads a <c>System.ClientModel.ClientResultException</c>.</summary>
/// <remarks>Accessors rather than reflection: trimming and ahead-of-time compilation see which members are read, and keep them.</remarks>
internal static class ClientModelException
{
    private const string ExceptionType = "System.ClientModel.ClientResultException, System.ClientModel";
    private const string ResponseType = "System.ClientModel.Primitives.PipelineResponse, System.ClientModel";
    private const string HeadersType = "System.ClientModel.Primitives.PipelineResponseHeaders, System.ClientModel";
    private const string ContentType = "System.BinaryData, System.Memory.Data";

    public static ProviderResponse Read(Exception exception)
    {
        var status = GetStatus(exception);
        return GetRawResponse(exception) is { } response
            ? new ProviderResponse(status == 0 ? null : status, Body: BodyOf(response), Header: name => HeaderOf(response, name))
            : new ProviderResponse(status == 0 ? null : status);
    }

    private static string? HeaderOf(object response, string name) => TryGetValue(GetHeaders(response), name, out var value) ? value : null;

    private static string? BodyOf(object response)
    {
        try
        {
            return GetContent(response)?.ToString();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ObjectDisposedException)
        {
            // A response that was not buffered: what it said is lost, its status and headers are not.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Status")]
    private static extern int GetStatus([UnsafeAccessorType(ExceptionType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetRawResponse")]
    [return: UnsafeAccessorType(ResponseType)]
    private static extern object? GetRawResponse([UnsafeAccessorType(ExceptionType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Headers")]
    [return: UnsafeAccessorType(HeadersType)]
    private static extern object GetHeaders([UnsafeAccessorType(ResponseType)] object response);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Content")]
    [return: UnsafeAccessorType(ContentType)]
    private static extern object? GetContent([UnsafeAccessorType(ResponseType)] object response);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TryGetValue")]
    private static extern bool TryGetValue([UnsafeAccessorType(HeadersType)] object headers, string name, out string? value);
}
