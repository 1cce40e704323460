using System.Globalization;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What was spent: sums by day and by whom, and the latest requests. Used under the ledger's lock.</summary>
internal sealed class SpendBook(SpendLedgerOptions options)
{
    private readonly Dictionary<SpendSumKey, SpendSum> _sums = [];
    private readonly SpendRows _rows = new(options.MaxRows);

    public SpendEntry Add(SpendAccount account, SpendSettlement settlement, DateTimeOffset at)
    {
        var key = SpendSumKey.Of(account, at);
        if (!_sums.TryGetValue(key, out var sum))
        {
            sum = new SpendSum();
            _sums.Add(key, sum);
        }

        sum.Add(settlement);
        return new SpendEntry(sum, _rows.Add(account, settlement, at));
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
        var groups = new SortedDictionary<string, SpendSum>(StringComparer.Ordinal);
        foreach (var (key, sum) in _sums)
        {
            if (!key.Matches(query))
            {
                continue;
            }

            var name = NameOf(query.GroupBy, key);
            if (!groups.TryGetValue(name, out var group))
            {
                groups.Add(name, group = new SpendSum());
            }

            group.Add(sum);
        }

        return [.. groups.Select(static group => group.Value.ToSummary(group.Key))];
    }

    public List<SpendRow> Rows(SpendQuery query, int max) => [.. _rows.Find(query).Take(max)];

    public void Forget(DateTimeOffset now)
    {
        var oldest = DateOnly.FromDateTime((now - options.Retention).UtcDateTime);
        foreach (var key in _sums.Keys)
        {
            if (key.Day < oldest)
            {
                _sums.Remove(key);
            }
        }
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
