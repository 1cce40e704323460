using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentHosting.AspNetCore.Streaming;

/// <summary>Writes server-sent events into the pipe of a response. What is written leaves with <see cref="FlushAsync"/>, which waits for a slow reader.</summary>
internal sealed class SseWriter : IDisposable
{
    public const string ContentType = "text/event-stream";
    private const int LongestNumber = 20;
    private readonly PipeWriter _pipe;
    private readonly Utf8JsonWriter _json;

    private SseWriter(PipeWriter pipe, JavaScriptEncoder? encoder)
    {
        _pipe = pipe;
        _json = new Utf8JsonWriter(pipe, new JsonWriterOptions { Encoder = encoder, SkipValidation = true });
    }

    public long UnflushedBytes { get; private set; }

    /// <summary>Sends the headers of a stream, against all that buffers on the way.</summary>
    public static async ValueTask<SseWriter> StartAsync(HttpContext context, JavaScriptEncoder? encoder, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(cancellationToken);
        // Starting alone leaves the headers in the server's buffer until something is written.
        await response.Body.FlushAsync(cancellationToken);
        return new SseWriter(response.BodyWriter, encoder);
    }

    /// <summary>Writes an event. <paramref name="type"/> has no line break, and JSON that is not indented has none either.</summary>
    public void Write<T>(long id, string type, T data, JsonTypeInfo<T> typeInfo)
    {
        Write("id: "u8);
        Utf8Formatter.TryFormat(id, _pipe.GetSpan(LongestNumber), out var written);
        _pipe.Advance(written);
        UnflushedBytes += written;
        Write("\nevent: "u8);
        UnflushedBytes += Encoding.UTF8.GetBytes(type, _pipe);
        Write("\ndata: "u8);
        _json.Reset(_pipe);
        JsonSerializer.Serialize(_json, data, typeInfo);
        _json.Flush();
        UnflushedBytes += _json.BytesCommitted;
        Write("\n\n"u8);
    }

    public void WritePing() => Write(": ping\n\n"u8);

    /// <returns>Whether somebody still reads.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        UnflushedBytes = 0;
        var result = await _pipe.FlushAsync(cancellationToken);
        return !result.IsCompleted && !result.IsCanceled;
    }

    public void Dispose() => _json.Dispose();

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _pipe.Write(bytes);
        UnflushedBytes += bytes.Length;
    }
}
