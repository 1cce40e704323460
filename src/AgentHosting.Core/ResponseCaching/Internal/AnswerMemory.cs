using System.Collections.Concurrent;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The answers that this process keeps, bounded in bytes. What was used since it was last looked at survives one round of eviction (a clock).</summary>
internal sealed class AnswerMemory
{
    private readonly ConcurrentDictionary<RequestKey, Entry> _entries = new(RequestKeyComparer.Instance);
    private readonly ConcurrentDictionary<RequestKey, Entry>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly ConcurrentQueue<Entry> _order = new();
    private readonly Lock _evicting = new();
    private readonly long _sizeLimit;
    private readonly TimeProvider _time;
    private long _size;

    public AnswerMemory(long sizeLimit, TimeProvider time)
    {
        _sizeLimit = sizeLimit;
        _time = time;
        _byBytes = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The bytes held, about.</summary>
    public long Size => Volatile.Read(ref _size);

    public int Count => _entries.Count;

    public CachedAnswer? Find(ReadOnlySpan<byte> identity) => _byBytes.TryGetValue(identity, out var entry) ? Use(entry) : null;

    public CachedAnswer? Find(RequestKey key) => _entries.TryGetValue(key, out var entry) ? Use(entry) : null;

    public void Set(RequestKey key, CachedAnswer answer, DateTimeOffset expiresAt, int maxEntryBytes)
    {
        var entry = new Entry(key, answer, expiresAt.UtcTicks, key.Bytes.Length + answer.Size + 200);
        if (_sizeLimit == 0 || answer.Size > maxEntryBytes || entry.Size > _sizeLimit)
        {
            return;
        }

        _entries[key] = entry;
        _order.Enqueue(entry);
        Interlocked.Add(ref _size, entry.Size);
        Evict();
    }

    private CachedAnswer? Use(Entry entry)
    {
        if (_time.GetUtcNow().UtcTicks >= entry.ExpiresAt)
        {
            _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
            return null;
        }

        if (!entry.Used)
        {
            entry.Used = true;
        }

        return entry.Answer;
    }

    // The queue holds every entry once, also those that were replaced or have expired: the size is that of the queue, so it bounds the garbage too.
    private void Evict()
    {
        if (Volatile.Read(ref _size) <= _sizeLimit)
        {
            return;
        }

        lock (_evicting)
        {
            var now = _time.GetUtcNow().UtcTicks;
            while (Volatile.Read(ref _size) > _sizeLimit && _order.TryDequeue(out var entry))
            {
                var isCurrent = _entries.TryGetValue(entry.Key, out var current) && ReferenceEquals(current, entry);
                if (isCurrent && entry.Used && now < entry.ExpiresAt)
                {
                    entry.Used = false;
                    _order.Enqueue(entry);
                    continue;
                }

                _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
                Interlocked.Add(ref _size, -entry.Size);
            }
        }
    }

    private sealed class Entry(RequestKey key, CachedAnswer answer, long expiresAt, long size)
    {
        public RequestKey Key { get; } = key;

        public CachedAnswer Answer { get; } = answer;

        public long ExpiresAt { get; } = expiresAt;

        public long Size { get; } = size;

        public bool Used { get; set; }
    }
}
