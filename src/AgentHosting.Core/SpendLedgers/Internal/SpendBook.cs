using System.Globalization;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What was spent: sums by day and by whom, and the latest requests. Used under the ledger's lock.</summary>
internal sealed class SpendBook(SpendLedgerOptions options)
{
    private readonly Dictionary<SpendSumKey, SpendSum> _sums = [];
    private readonly Queue<SpendRow> _rows = new();

    public void Add(SpendRow row)
    {
        var account = row.Account;
        var key = new SpendSumKey(DateOnly.FromDateTime(row.At.UtcDateTime), account.TenantId, account.UserId, account.Agent, account.Model);
        if (!_sums.TryGetValue(key, out var sum))
        {
            sum = new SpendSum();
            _sums.Add(key, sum);
        }

        sum.Add(row.Settlement);
        _rows.Enqueue(row);
        while (_rows.Count > options.MaxRows)
        {
            _rows.Dequeue();
        }
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

    public List<SpendRow> Rows(SpendQuery query, int max) => [.. _rows.Where(row => Matches(row, query)).Reverse().Take(max)];

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

    private static bool Matches(SpendRow row, SpendQuery query) => new SpendSumKey(
        DateOnly.FromDateTime(row.At.UtcDateTime), row.Account.TenantId, row.Account.UserId, row.Account.Agent, row.Account.Model).Matches(query);

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
