using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.Redis.SpendLedgers.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.SpendLedgers;

/// <summary>Random steps on both ledgers by one clock: each answer is the same, to the last digit.</summary>
public sealed class RedisSpendLedgerEqualityTests(SharedRedis redis)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new PlainDecimal() } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16, 400)]
    public async Task AnyStep_RandomSpend_IsAnsweredAsInMemory(int rounds, int steps)
    {
        var first = Environment.TickCount;
        var answers = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            await RunAsync(first + round, steps, answers);
        }

        // Equal answers say nothing where all are alike.
        string[] kinds = ["\"IsGranted\":true", "\"Refusal\":{", "\"IsSettled\":true", "\"IsSettled\":false", "\"IsCorrection\":true", "\"Ratio\"", "\"UsualNanos\"", "\"Outcome\":4"];
        Assert.All(kinds, kind => Assert.True(answers.Count(answer => answer.Contains(kind, StringComparison.Ordinal)) >= rounds, $"seed {first}: too few with {kind}"));
    }

    private async Task RunAsync(int seed, int steps, List<string> answers)
    {
        var random = new Random(seed);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 20, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(random.Next()));
        // In memory a few dead reservations are looked for at others when nobody sweeps; here the sweep is a step like any other, and comes in time.
        var options = Options.Create(new SpendLedgerOptions { MaxRows = 20, SweepInterval = TimeSpan.FromDays(1), Retention = TimeSpan.FromDays(3), IdleRetention = TimeSpan.FromDays(3650) });
        var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddLogging();
        services.AddAgentHosting();
        await using var provider = services.AddSingleton(options).BuildServiceProvider();
        var memory = provider.GetRequiredService<ISpendLedger>();
        await using var connection = redis.Connect(clock);
        var ledger = new RedisSpendLedger(connection, options, TimeProvider.System);
        var spend = new RandomSpend(random);
        var swept = clock.GetUtcNow();
        for (var i = 0; i < steps; i++)
        {
            var step = clock.GetUtcNow() - swept >= TimeSpan.FromHours(12) ? Sweep : Step(random, spend, clock);
            swept = step == Sweep ? clock.GetUtcNow() : swept;
            var (expected, actual) = (await step(memory), await step(ledger));
            Assert.True(expected == actual, $"seed {seed}, step {i} at {clock.GetUtcNow():O}\nin memory {expected}\nin Redis  {actual}");
            answers.Add(actual);
        }
    }

    private static async Task<string> Sweep(ISpendLedger ledger) => Text(await ledger.SweepAsync(1000, Token));

    private static Func<ISpendLedger, Task<string>> Step(Random random, RandomSpend spend, FakeTimeProvider clock)
    {
        switch (random.Next(20))
        {
            case < 7:
                var reservation = spend.Reservation();
                return async ledger => Text(await ledger.ReserveAsync(reservation, Token));
            case < 12:
                var settlement = spend.Settlement();
                return async ledger => Text(await ledger.SettleAsync(settlement, Token));
            case 12:
                var (id, seen, cost, lease) = (spend.AnyId, random.Next(20), spend.Cost(30), spend.Lease());
                return async ledger => Text(await ledger.RenewAsync(id, seen, cost, lease, Token));
            case 13:
                return Sweep;
            case 14:
                var account = spend.Account();
                return async ledger => Text(await ledger.GetBalancesAsync(account, spend.AllLimits, Token));
            case 15:
                var query = spend.Query(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
                return async ledger => Text(await ledger.QueryAsync(query, Token));
            case 16:
                var (rows, max) = (spend.Query(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), random.Next(30));
                return async ledger => Text(await ledger.GetRowsAsync(rows, max, Token));
            default:
                clock.Advance(spend.Time());
                return static _ => Task.FromResult("");
        }
    }

    private static string Text<T>(T answer) => JsonSerializer.Serialize(answer, Json);

    // 1.50 and 1.5 are equal.
    private sealed class PlainDecimal : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString("0.############################", CultureInfo.InvariantCulture));
    }
}
