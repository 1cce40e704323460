namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One reader of a shared stream, and how far it is.</summary>
internal sealed class StreamReader(StreamNode head)
{
    /// <summary>The last node read; <see langword="null"/> when the reader was left behind.</summary>
    public StreamNode? Position { get; set; } = head;

    public long BytesRead { get; set; }
}
