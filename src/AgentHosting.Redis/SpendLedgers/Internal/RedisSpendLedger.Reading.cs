using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>Reads what is spent, a page at a time.</summary>
internal sealed partial class RedisSpendLedger
{
    // Some hundred microseconds of the server.
    private const int Page = 200;
    private static readonly RedisScript BalancesScript = RedisScript.Load("spend-balances");
    private static readonly RedisScript DaysScript = RedisScript.Load("spend-days");
    private static readonly RedisScript SumsScript = RedisScript.Load("spend-sums");
    private static readonly RedisScript RowsScript = RedisScript.Load("spend-rows");
    private static readonly int FirstDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    public async ValueTask<IReadOnlyList<SpendBalance>> GetBalancesAsync(SpendAccount account, IReadOnlyList<SpendLimit> limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(limits);
        var (applying, text) = Counters(account, limits);
        if (applying.Count == 0)
        {
            return [];
        }

        var reply = await _connection.EvaluateAsync(BalancesScript, _keys, [_connection.Now, text], cancellationToken);
        var now = RedisTime.ToTime((long)reply[0]);
        return [.. applying.Select((limit, i) => Balance(limit, account, reply[i + 1], now))];
    }

    public async ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        RedisValue from = query.From is { } first ? first.DayNumber - FirstDay : "-inf";
        RedisValue to = query.To is { } last ? last.DayNumber - FirstDay : "+inf";
        var days = await _connection.EvaluateAsync(DaysScript, _keys, [from, to], cancellationToken);
        var groups = new Dictionary<(string? TenantId, string Name), SpendTotal>();
        for (var i = 0; i < days.Length; i++)
        {
            var day = (int)days[i];
            for (var (start, isRest) = (0, true); isRest; start += Page)
            {
                var page = await _connection.EvaluateAsync(SumsScript, _keys, [day, start, Page], cancellationToken);
                Sum(page, DateOnly.FromDayNumber(FirstDay + day), query, groups);
                isRest = page.Length == Page;
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

    public async ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var found = new List<SpendRow>();
        for (RedisValue next = ""; found.Count < max && next != 0;)
        {
            var page = await _connection.EvaluateAsync(RowsScript, _keys, [next, Page], cancellationToken);
            next = (long)page[0];
            for (var i = 1; i < page.Length && found.Count < max; i++)
            {
                var row = SpendSettlementText.ToRow((string)page[i]!);
                if (SpendSumKey.Of(row.Account, row.At).Matches(query))
                {
                    found.Add(row);
                }
            }
        }

        return found;
    }

    private static (List<SpendLimit> Applying, RedisValue Text) Counters(SpendAccount account, IReadOnlyList<SpendLimit> limits)
    {
        var applying = new List<SpendLimit>(limits.Count);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (var limit in limits)
        {
            if (limit.Scope != SpendScope.Call && SpendScopeName.KeyOf("c", limit.Window.Name, limit.Scope, account) is { } key)
            {
                applying.Add(limit);
                SpendReservationText.WriteCounter(json, key, SpendWindowPeriods.Of(limit.Window), ages: false);
            }
        }

        json.WriteEndArray();
        json.Flush();
        return (applying, buffer.WrittenMemory);
    }

    private static SpendBalance Balance(SpendLimit limit, SpendAccount account, RedisResult reply, DateTimeOffset now)
    {
        var window = SpendWindowPeriods.Of(limit.Window);
        return new SpendBalance
        {
            Limit = limit,
            ScopeId = account.IdOf(limit.Scope)!,
            Period = (string?)reply[0] is null or "" ? window.PeriodAt(now) : window.PeriodOf((long)reply[0]),
            SettledCostNanos = (long)reply[1],
            SettledTokens = (long)reply[2],
            HeldCostNanos = (long)reply[3],
            HeldTokens = (long)reply[4],
            Calls = (long)reply[5],
        };
    }

    private static void Sum(RedisResult page, DateOnly day, SpendQuery query, Dictionary<(string? TenantId, string Name), SpendTotal> groups)
    {
        for (var i = 0; i < page.Length; i++)
        {
            var key = SpendAccountText.ToKey(day, (string)page[i][0]!);
            if (!key.Matches(query))
            {
                continue;
            }

            // Users of one name in two tenants are two.
            var name = (query.GroupBy == SpendGrouping.User ? key.TenantId : null, NameOf(query.GroupBy, key));
            if (!groups.TryGetValue(name, out var group))
            {
                groups.Add(name, group = new SpendTotal());
            }

            group.Add(page[i]);
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
