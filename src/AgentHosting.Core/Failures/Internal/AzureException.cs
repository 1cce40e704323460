using System.Runtime.CompilerServices;

namespace AgentHosting.Failures.Internal;

/// <summary>Reads an <c>Azure.RequestFailedException</c>.</summary>
/// <remarks>Its headers are read through the response, since the accessors do not take the structure that holds them.</remarks>
internal static class AzureException
{
    private const string ExceptionType = "Azure.RequestFailedException, Azure.Core";
    private const string ResponseType = "Azure.Response, Azure.Core";

    public static ProviderResponse Read(Exception exception)
    {
        var status = GetStatus(exception);
        return GetRawResponse(exception) is { } response
            ? new ProviderResponse(status == 0 ? null : status, GetErrorCode(exception), Header: name => TryGetHeader(response, name, out var value) ? value : null)
            : new ProviderResponse(status == 0 ? null : status, GetErrorCode(exception));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Status")]
    private static extern int GetStatus([UnsafeAccessorType(ExceptionType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ErrorCode")]
    private static extern string? GetErrorCode([UnsafeAccessorType(ExceptionType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetRawResponse")]
    [return: UnsafeAccessorType(ResponseType)]
    private static extern object? GetRawResponse([UnsafeAccessorType(ExceptionType)] object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TryGetHeader")]
    private static extern bool TryGetHeader([UnsafeAccessorType(ResponseType)] object response, string name, out string? value);
}
