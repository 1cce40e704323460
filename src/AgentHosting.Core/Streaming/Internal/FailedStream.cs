namespace AgentHosting.Streaming.Internal;

/// <summary>Lets go of a stream that has failed.</summary>
internal static class FailedStream
{
    /// <summary>Disposes it. What that throws says less than the failure before it, in whose place it would come.</summary>
    public static async ValueTask DisposeAsync(IAsyncDisposable stream)
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (Exception)
        {
            // The first error stands: it is the one that says whether to ask again.
        }
    }
}
