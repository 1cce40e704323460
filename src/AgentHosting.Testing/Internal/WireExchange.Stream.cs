namespace AgentHosting.Testing.Internal;

internal sealed partial class WireExchange
{
    private static readonly byte[] CutJson = "{\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":{"u8.ToArray();
    private static readonly byte[] Done = "[DONE]"u8.ToArray();

    private async Task<ExchangeResult> StreamAsync(CancellationToken cancellationToken)
    {
        await _events.StartAsync(cancellationToken);
        switch (plan.Break?.Fault)
        {
            case WireFault.ResetAfterHeaders:
                return Reset();
            case WireFault.StallBeforeFirstToken:
                return await StallAsync(cancellationToken);
        }

        var chunks = new WireChunks(plan, request.IncludeUsage);
        await _events.SendAsync(chunks.Role(), cancellationToken);
        for (var i = 0; i <= plan.Chunks.Count; i++)
        {
            if (plan.BreaksBefore(i))
            {
                switch (plan.Break!.Fault)
                {
                    case WireFault.GarbageChunk:
                        await _events.SendAsync(CutJson, cancellationToken);
                        break;
                    case WireFault.StallMidStream:
                        return await StallAsync(cancellationToken);
                    case WireFault.TruncatedStream:
                        return Broken;
                    default:
                        return Reset();
                }
            }

            if (i < plan.Chunks.Count)
            {
                await WaitAsync(i == 0 ? TimeSpan.Zero : plan.Turn.ChunkDelay, cancellationToken);
                foreach (var data in chunks.Content(plan.Chunks[i]))
                {
                    await _events.SendAsync(data, cancellationToken);
                }
            }
        }

        return await EndStreamAsync(chunks, cancellationToken);
    }

    private async Task<ExchangeResult> EndStreamAsync(WireChunks chunks, CancellationToken cancellationToken)
    {
        if (plan.FinishReason is { } reason)
        {
            await _events.SendAsync(chunks.Finish(reason), cancellationToken);
        }

        if (plan.Usage is { } usage && request.IncludeUsage)
        {
            await _events.SendAsync(chunks.Usage(usage), cancellationToken);
        }

        if (plan.FinishReason is not null)
        {
            await _events.SendAsync(Done, cancellationToken);
        }

        return plan.Break is null ? Completed : Broken;
    }
}
