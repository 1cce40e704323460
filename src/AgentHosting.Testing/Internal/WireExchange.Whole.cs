using System.Text;

namespace AgentHosting.Testing.Internal;

internal sealed partial class WireExchange
{
    private static readonly byte[] Garbage = Encoding.UTF8.GetBytes("<html><body>This is not the API that you are looking for.</body></html>");

    private async Task<ExchangeResult> SendWholeAsync(CancellationToken cancellationToken)
    {
        var played = plan.Break?.AfterChunks ?? plan.Chunks.Count;
        for (var i = 1; i < played; i++)
        {
            await WaitAsync(plan.Turn.ChunkDelay, cancellationToken);
        }

        var body = WireJson.Completion(plan);
        switch (plan.Break?.Fault)
        {
            case null:
                await WireResponse.SendJsonAsync(context, 200, body, cancellationToken);
                return Completed;
            case WireFault.GarbageChunk:
                return await SendGarbageAsync(cancellationToken);
            case WireFault.TruncatedStream:
                // No Content-Length: the body ends cleanly as far as HTTP can tell.
                context.Response.ContentType = WireResponse.Json;
                await SendPartAsync(body[..(body.Length / 2)], cancellationToken);
                return Broken;
            default:
                context.Response.ContentType = WireResponse.Json;
                context.Response.ContentLength = body.Length;
                var headersOnly = plan.Break.Fault is WireFault.ResetAfterHeaders or WireFault.StallBeforeFirstToken;
                await SendPartAsync(headersOnly ? default : body[..(body.Length / 2)], cancellationToken);
                return plan.Break.IsStall ? await StallAsync(cancellationToken) : Reset();
        }
    }

    private async Task<ExchangeResult> SendGarbageAsync(CancellationToken cancellationToken)
    {
        if (request.IsStreaming)
        {
            await _events.StartAsync(cancellationToken);
            await _events.SendAsync(Garbage, cancellationToken);
        }
        else
        {
            await WireResponse.SendJsonAsync(context, 200, Garbage, cancellationToken);
        }

        return Broken;
    }

    private async Task SendPartAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.WriteAsync(part, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
