using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>Reads bodies of bounded size.</summary>
internal static class RequestBodyReader
{
    private const int ChunkBytes = 4096;

    /// <summary>Whether there is no body, whatever type a client may claim for it: what is missing is then the message, not the type.</summary>
    private static bool IsEmpty(HttpRequest request) => request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null);

    /// <summary>Whether the body claims to be JSON in UTF-8 that was not compressed, or that a middleware has decompressed.</summary>
    private static bool HasReadableContentType(HttpRequest request) =>
        request.HasJsonContentType()
        && request.Headers.ContentEncoding.Count == 0
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    /// <returns>The body, or <see langword="null"/> after an error was written.</returns>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadJsonAsync(HttpContext context, int maxBytes)
    {
        if (!IsEmpty(context.Request) && !HasReadableContentType(context.Request))
        {
            await ProblemResponse.WriteAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "Send a body of content type application/json, in UTF-8 and not compressed.");
            return null;
        }

        var body = await ReadAsync(context.Request, maxBytes, context.RequestAborted);
        if (body is null)
        {
            await ProblemResponse.WriteAsync(
                context, StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"The body is larger than {maxBytes} bytes."));
        }

        return body;
    }

    /// <returns>The body, or <see langword="null"/> when it is larger than <paramref name="maxBytes"/>.</returns>
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>((int)Math.Max(request.ContentLength ?? 0, ChunkBytes));
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.GetMemory(ChunkBytes), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > maxBytes)
            {
                return null;
            }
        }
    }
}
