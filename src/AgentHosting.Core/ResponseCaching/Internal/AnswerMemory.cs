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
    private readonly SemanticAnswers? _questions;
    private long _size;

    /// <summary>Creates a memory.</summary>
    /// <param name="sizeLimit">How many bytes are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="questions">Where answers are found by other wordings; the memory adds questions, counts them, and takes them out with their answers.</param>
    public AnswerMemory(long sizeLimit, TimeProvider time, SemanticAnswers? questions = null)
    {
        _sizeLimit = sizeLimit;
        _time = time;
        _questions = questions;
        _byBytes = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The bytes held, about.</summary>
    public long Size => Volatile.Read(ref _size);

    public int Count => _entries.Count;

    public CachedAnswer? Find(ReadOnlySpan<byte> identity) => _byBytes.TryGetValue(identity, out var entry) ? Use(entry) : null;

    public CachedAnswer? Find(RequestKey key) => _entries.TryGetValue(key, out var entry) ? Use(entry) : null;

    /// <summary>Keeps an answer, unless it is too large.</summary>
    /// <param name="key">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="expiresAt">When it may no longer be used.</param>
    /// <param name="maxEntryBytes">The largest answer that is kept.</param>
    /// <param name="order">When the call that gave it began, as a number that grows; 0 for one that is not known to be newer than any other.</param>
    /// <param name="question">The question, if the answer may serve others that mean the same.</param>
    /// <returns>Whether the answer is the newest; <see langword="false"/> when one is kept of a call that began later.</returns>
    public bool Set(RequestKey key, CachedAnswer answer, DateTimeOffset expiresAt, int maxEntryBytes, long order = 0, SemanticQuestion? question = null)
    {
        var entry = new Entry(key, answer, expiresAt.UtcTicks, key.Bytes.Length + answer.Size + 200 + (question?.Size ?? 0), order, question);
        if (_sizeLimit == 0 || answer.Size > maxEntryBytes || entry.Size > _sizeLimit)
        {
            return true;
        }

        while (true)
        {
            if (!_entries.TryGetValue(key, out var current))
            {
                if (_entries.TryAdd(key, entry))
                {
                    break;
                }
            }
            else if (current.Order > order && _time.GetUtcNow().UtcTicks < current.ExpiresAt)
            {
                return false;
            }
            else if (_entries.TryUpdate(key, entry, current))
            {
                break;
            }
        }

        if (question is not null)
        {
            // Before the entry can be evicted, or the question would stay behind.
            _questions!.Add(question, key, expiresAt);
        }

        _order.Enqueue(entry);
        Interlocked.Add(ref _size, entry.Size);
        Evict();
        return true;
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
                if (entry.Question is not null)
                {
                    _questions!.Remove(entry.Question);
                }

                Interlocked.Add(ref _size, -entry.Size);
            }
        }
    }

    private sealed class Entry(RequestKey key, CachedAnswer answer, long expiresAt, long size, long order, SemanticQuestion? question)
    {
        public RequestKey Key { get; } = key;

        public CachedAnswer Answer { get; } = answer;

        public long ExpiresAt { get; } = expiresAt;

        public long Size { get; } = size;

        public long Order { get; } = order;

        public SemanticQuestion? Question { get; } = question;

        public bool Used { get; set; }
    }
}
