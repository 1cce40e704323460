using System.Globalization;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What was spent: sums by day and by whom, and the latest requests. Written under the ledger's lock, which readers take for a few at a time.</summary>
internal sealed class SpendBook(SpendLedgerOptions options, Lock gate)
{
    // Some tens of microseconds.
    private const int Few = 64;
    private readonly SortedDictionary<DateOnly, SpendDay> _days = [];
    private readonly SpendRows _rows = new(options.MaxRows);
    private SpendDay? _last;

    public SpendEntry Add(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        var key = SpendSumKey.Of(account, at);
        // Nearly every request falls on the day of the one before it.
        if (_last is not { } last || last.Day != key.Day)
        {
            _last = last = _days.TryGetValue(key.Day, out var known) ? known : _days[key.Day] = new SpendDay(key.Day);
        }

        var sum = last.Of(key);
        sum.Add(settlement);
        return new SpendEntry(sum, _rows.Add(sum, account, settlement, at));
    }

    /// <summary>Puts what a request has cost in the place of an estimate, on the day on which that was charged.</summary>
    public void Replace(in SpendEntry entry, SpendSettlement estimate, SpendSettlement settlement)
    {
        entry.Sum.Remove(estimate);
        entry.Sum.Add(settlement);
        _rows.Replace(entry.Row, settlement);
    }

    public List<SpendSummary> Sum(SpendQuery query)
    {
        SpendDay[] days;
        lock (gate)
        {
            days = [.. _days.Where(day => (query.From is null || day.Key >= query.From) && (query.To is null || day.Key <= query.To)).Select(static day => day.Value)];
        }

        var groups = new Dictionary<(string? TenantId, string Name), SpendSum>();
        foreach (var day in days)
        {
            for (var (from, isRest) = (0, true); isRest; from += Few)
            {
                lock (gate)
                {
                    isRest = Sum(day, from, query, groups);
                }
            }
        }

        return
        [
            .. groups
                .OrderBy(static group => group.Key.Name, StringComparer.Ordinal)
                .ThenBy(static group => group.Key.TenantId, StringComparer.Ordinal)
                .Select(static group => group.Value.ToSummary(group.Key.TenantId, group.Key.Name)),
        ];
    }

    public List<SpendRow> Rows(SpendQuery query, int max)
    {
        var found = new List<SpendRow>();
        for (long? next = long.MaxValue; next is not null;)
        {
            lock (gate)
            {
                next = _rows.Find(query, next.Value, Few, max, found);
            }
        }

        return found;
    }

    public void Forget(DateTimeOffset now)
    {
        var oldest = DateOnly.FromDateTime((now - options.Retention).UtcDateTime);
        while (_days.Count > 0 && _days.First().Key is var day && day < oldest)
        {
            _days.Remove(day);
            _last = null;
        }
    }

    /// <returns>Whether there are more.</returns>
    private static bool Sum(SpendDay day, int from, SpendQuery query, Dictionary<(string? TenantId, string Name), SpendSum> groups)
    {
        var end = Math.Min(day.Count, from + Few);
        for (var i = from; i < end; i++)
        {
            var sum = day[i];
            ref readonly var key = ref sum.Key;
            if (!key.Matches(query))
            {
                continue;
            }

            // Users of one name in two tenants are two.
            var name = (query.GroupBy == SpendGrouping.User ? key.TenantId : null, NameOf(query.GroupBy, key));
            if (!groups.TryGetValue(name, out var group))
            {
                groups.Add(name, group = new SpendSum());
            }

            group.Add(sum);
        }

        return end < day.Count;
    }

    private static string NameOf(SpendGrouping grouping, in SpendSumKey key) => grouping switch
    {
        SpendGrouping.None => "",
        SpendGrouping.Day => key.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        SpendGrouping.Week => key.Day.AddDays(-(((int)key.Day.DayOfWeek + 6) % 7)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        SpendGrouping.Tenant => key.TenantId ?? "",
        SpendGrouping.User => key.UserId ?? "",
        SpendGrouping.Agent => key.Agent ?? "",
        SpendGrouping.Model => key.Model ?? "",
        _ => throw new ArgumentOutOfRangeException(nameof(grouping), grouping, "Use one of the named groupings."),
    };
}
