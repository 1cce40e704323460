namespace AgentHosting.ToolValidation.Internal;

/// <summary>Results of idempotent tools in memory, bounded by their bytes; the one that was not used for the longest time goes first.</summary>
internal sealed class ToolResultCache(long maxBytes, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<CachedToolResult>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<CachedToolResult> _order = new();
    private long _bytes;

    public bool TryGet(string key, out object? value)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                if (timeProvider.GetElapsedTime(node.Value.Since) < node.Value.For)
                {
                    _order.Remove(node);
                    _order.AddFirst(node);
                    value = node.Value.Value;
                    return true;
                }

                Remove(node);
            }
        }

        value = null;
        return false;
    }

    public void Set(string key, object? value, long bytes, TimeSpan time)
    {
        if (bytes > maxBytes)
        {
            return;
        }

        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                Remove(old);
            }

            while (_bytes + bytes > maxBytes && _order.Last is { } last)
            {
                Remove(last);
            }

            _entries[key] = _order.AddFirst(new CachedToolResult(key, value, bytes, timeProvider.GetTimestamp(), time));
            _bytes += bytes;
        }
    }

    private void Remove(LinkedListNode<CachedToolResult> node)
    {
        _order.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }
}
