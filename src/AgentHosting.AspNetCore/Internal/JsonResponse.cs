using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Writes a response with a JSON body of known length.</summary>
internal static class JsonResponse
{
    public static async Task WriteAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> typeInfo, string contentType = "application/json")
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, typeInfo);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
