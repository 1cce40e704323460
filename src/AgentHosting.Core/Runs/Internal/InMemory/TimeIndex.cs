namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Items by the time at which something is due for them.</summary>
internal sealed class TimeIndex<T>
    where T : class
{
    private readonly SortedSet<(DateTimeOffset Due, long Number, T Item)> _items =
        new(Comparer<(DateTimeOffset Due, long Number, T Item)>.Create(static (a, b) =>
            a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Number.CompareTo(b.Number)));

    public int Count => _items.Count;

    public DateTimeOffset? NextDue => _items.Count == 0 ? null : _items.Min.Due;

    public T? Oldest => _items.Count == 0 ? null : _items.Min.Item;

    public void Add(DateTimeOffset due, long number, T item) => _items.Add((due, number, item));

    public void Remove(DateTimeOffset due, long number, T item) => _items.Remove((due, number, item));

    /// <summary>Up to <paramref name="limit"/> items that are due, oldest first. They stay in the index.</summary>
    public List<T> Due(DateTimeOffset now, int limit)
    {
        var due = new List<T>();
        foreach (var (time, _, item) in _items)
        {
            if (time > now || due.Count >= limit)
            {
                break;
            }

            due.Add(item);
        }

        return due;
    }
}
