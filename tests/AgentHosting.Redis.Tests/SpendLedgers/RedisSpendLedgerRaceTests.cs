using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.SpendLedgers.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.SpendLedgers;

/// <summary>Two hosts on one Redis, by the server's clock.</summary>
public sealed class RedisSpendLedgerRaceTests(SharedRedis redis)
{
    private const int Callers = 64;
    private const int RequestsOfACaller = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Race_TwoHosts_NeverPassACapAndLoseNothing()
    {
        var seed = Environment.TickCount;
        SpendLimit[] limits =
        [
            new() { Scope = SpendScope.Global, MaxCostNanos = Callers * RequestsOfACaller * 10, AlertRatios = [0.25, 0.5, 1] },
            new() { Scope = SpendScope.Tenant, Window = SpendWindow.Day("Europe/Paris"), MaxCostNanos = Callers * RequestsOfACaller * 4 },
            new() { Scope = SpendScope.User, Window = SpendWindow.Rolling(TimeSpan.FromHours(1)), MaxTokens = Callers * RequestsOfACaller * 5 },
        ];
        var settings = SharedRedis.NewOptions();
        await using var second = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);
        await using var one = redis.Connect(options: settings);
        await using var two = new RedisConnection(new RedisSource(second), Options.Create(settings));
        ISpendLedger[] ledgers = [Ledger(one), Ledger(two)];
        var (gate, billed, told, refused) = (new Lock(), new Dictionary<string, decimal>(), new List<double>(), 0);
        using var stop = new CancellationTokenSource();
        var watcher = Task.Run(
            async () =>
            {
                for (var looks = 0; ; looks++)
                {
                    await AssertWithinCapsAsync(ledgers[looks % 2], limits, seed);
                    if (stop.IsCancellationRequested)
                    {
                        return looks;
                    }
                }
            },
            Token);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                var random = new Random(unchecked(seed + (caller * 7919)));
                for (var i = 0; i < RequestsOfACaller; i++)
                {
                    var (id, worst) = ($"{caller}/{i}", random.Next(1, 60));
                    var reservation = Reservation(id, worst, limits, random);
                    var granted = await Task.WhenAll(ledgers.Select(ledger => ledger.ReserveAsync(reservation, Token).AsTask()));
                    if (!granted.Any(static result => result.IsGranted))
                    {
                        Interlocked.Increment(ref refused);
                        continue;
                    }

                    var cost = worst / 1_000_000_000m * (decimal)random.NextDouble();
                    var settlement = new SpendSettlement { Id = id, InputTokens = 12, OutputTokens = random.Next(9), Cost = cost };
                    var settled = await Task.WhenAll(ledgers.Select(ledger => ledger.SettleAsync(settlement, Token).AsTask()));
                    Assert.True(settled.Count(static result => result.IsSettled) == 1, $"seed {seed}: {id} was settled not once");
                    lock (gate)
                    {
                        billed.Add(id, cost);
                        told.AddRange(granted.SelectMany(static result => result.Crossings).Concat(settled.SelectMany(static result => result.Crossings)).Select(static crossing => crossing.Ratio));
                    }
                }
            },
            Token)));
        await stop.CancelAsync();

        Assert.True(await watcher > 10, $"seed {seed}: nobody looked");
        Assert.True(refused > 0, $"seed {seed}: nothing was refused");
        var rows = await ledgers[1].GetRowsAsync(new SpendQuery(), int.MaxValue, Token);
        Assert.True(rows.Count == billed.Count && rows.All(row => row.Settlement.Cost == billed[row.Settlement.Id]), $"seed {seed}: the rows are not what was billed");
        var sum = Assert.Single(await ledgers[0].QueryAsync(new SpendQuery(), Token));
        Assert.True((sum.Cost, sum.Calls) == (billed.Values.Sum(), billed.Count), $"seed {seed}: {sum.Cost} of {sum.Calls}, billed were {billed.Values.Sum()} of {billed.Count}");
        var balance = Assert.Single(await ledgers[1].GetBalancesAsync(new SpendAccount(), [limits[0]], Token));
        var rounded = billed.Values.Sum(static cost => (long)decimal.Ceiling(cost * 1_000_000_000m));
        Assert.True((balance.SettledCostNanos, balance.HeldCostNanos, balance.HeldTokens) == (rounded, 0, 0), $"seed {seed}: {balance.SettledCostNanos} settled of {rounded}, {balance.HeldCostNanos} held");
        Assert.True(told.Distinct().Count() == told.Count, $"seed {seed}: told {string.Join(", ", told)}");
    }

    private static RedisSpendLedger Ledger(RedisConnection connection) => new(connection, Options.Create(new SpendLedgerOptions()), TimeProvider.System);

    private static SpendReservation Reservation(string id, int worst, SpendLimit[] limits, Random random) => new()
    {
        Id = id,
        Account = new SpendAccount { TenantId = $"t{random.Next(2)}", UserId = $"u{random.Next(4)}" },
        Limits = limits,
        InputTokens = 12,
        MaxOutputTokens = 8,
        MaxCost = worst / 1_000_000_000m,
        Lease = TimeSpan.FromMinutes(5),
    };

    private static async Task AssertWithinCapsAsync(ISpendLedger ledger, SpendLimit[] limits, int seed)
    {
        for (var user = 0; user < 8; user++)
        {
            var account = new SpendAccount { TenantId = $"t{user % 2}", UserId = $"u{user / 2}" };
            foreach (var balance in await ledger.GetBalancesAsync(account, limits, Token))
            {
                var (cost, tokens) = (balance.SettledCostNanos + balance.HeldCostNanos, balance.SettledTokens + balance.HeldTokens);
                Assert.True(cost <= (balance.Limit.MaxCostNanos ?? long.MaxValue), $"seed {seed}: {cost} of {balance.Limit.MaxCostNanos} in {balance.Limit.Scope}");
                Assert.True(tokens <= (balance.Limit.MaxTokens ?? long.MaxValue), $"seed {seed}: {tokens} of {balance.Limit.MaxTokens} in {balance.Limit.Scope}");
                Assert.True(balance.HeldCostNanos >= 0 && balance.SettledCostNanos >= 0, $"seed {seed}: a negative balance in {balance.Limit.Scope}");
            }
        }
    }
}
