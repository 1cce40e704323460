using System.Diagnostics;
using System.Globalization;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.SpendLedgers;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>Both spend one budget while one after the other is killed: the ledger is what the provider billed, to the last digit, but for calls of the dead, which are charged in full and marked.</summary>
internal sealed class BudgetPart : IReplicaPart
{
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(60);

    public string Name => "budget";

    public async Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        await bench.StartAllAsync(cancellationToken);
        report.Promise("over_the_cap", "held_at_the_end", "calls_without_a_row", "rows_twice", "rows_with_another_sum", "charged_less_than_billed", "too_many_estimates", "nothing_refused");
        var (callers, kills) = (bench.Options.Number("callers"), bench.Options.Number("kills"));
        var what = string.Create(CultureInfo.InvariantCulture, $"/spend?callers={callers}&requests={bench.Options.Number("requests")}");
        var counts = new List<string>();
        var spending = Enumerable.Range(0, bench.Count).Select(SpendAsync).ToList();
        for (var i = 0; i < kills; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500 + bench.Random.Next(2000)), TimeProvider.System, cancellationToken);
            var place = bench.Random.Next(bench.Count);
            await bench.ReplaceAsync(place, cancellationToken);
            spending.Add(SpendAsync(place));
        }

        await Task.WhenAll(spending);

        // Whatever the dead held is charged by the sweeps of those who live.
        var hosting = Host.CreateEmptyApplicationBuilder(null);
        hosting.Services.AddAgentHosting().AddRedis(bench.Redis);
        using var host = hosting.Build();
        var ledger = host.Services.GetRequiredService<ISpendLedger>();
        var account = new SpendAccount { TenantId = ReplicaSettings.Tenant };
        SpendLimit[] limits = [new() { Scope = SpendScope.Global }, new() { Scope = SpendScope.Tenant }];
        var waited = Stopwatch.StartNew();
        IReadOnlyList<SpendBalance> balances;
        do
        {
            await Task.Delay(ReplicaSettings.SweepInterval, TimeProvider.System, cancellationToken);
            balances = await ledger.GetBalancesAsync(account, limits, cancellationToken);
        }
        while (balances.Any(static balance => balance.HeldCostNanos > 0 || balance.HeldTokens > 0) && waited.Elapsed < LongestSettling);

        var rows = await ledger.GetRowsAsync(new SpendQuery(), int.MaxValue, cancellationToken);
        var charged = (await ledger.QueryAsync(new SpendQuery(), cancellationToken)).Sum(static sum => sum.Cost);
        var billed = bench.Calls(ReplicaQuestions.Spend).ToDictionary(
            static call => ReplicaQuestions.Parse(call.Run).Name,
            static call => UsageCost.Of(new UsageDetails { InputTokenCount = ReplicaQuestions.InputTokens, OutputTokenCount = int.Parse(call.Step, CultureInfo.InvariantCulture) }, ReplicaSettings.Price));
        var refused = counts.Sum(static count => int.Parse(count.Split(' ')[1], CultureInfo.InvariantCulture));
        var estimated = rows.Where(static row => row.Settlement.IsEstimated).ToList();
        var figures = report.Figures;
        figures["callers"] = callers * bench.Count;
        figures["cap"] = bench.Cap;
        figures["calls"] = billed.Count;
        figures["billed"] = billed.Values.Sum();
        figures["ledger"] = charged;
        figures["refused"] = refused;
        figures["estimated"] = estimated.Count;
        figures["estimated_cost"] = estimated.Sum(static row => row.Settlement.Cost ?? 0);
        figures["estimated_of_calls_that_were_billed"] = estimated.Where(row => billed.ContainsKey(row.Account.UserId!)).Sum(row => billed[row.Account.UserId!]);

        Check(report, bench.Cap, billed, rows, charged, estimated.Count, bench.Kills * callers);
        foreach (var balance in balances.Where(static balance => balance.HeldCostNanos > 0 || balance.HeldTokens > 0))
        {
            report.Break("held_at_the_end", $"{balance.HeldCostNanos} in {balance.Limit.Scope}");
        }

        if (refused == 0)
        {
            report.Break("nothing_refused", "the budget was never reached, so that nothing was tested");
        }

        async Task SpendAsync(int place)
        {
            if (await bench[place].TellAsync(what, cancellationToken) is { } count)
            {
                lock (counts)
                {
                    counts.Add(count);
                }
            }
        }
    }

    private static void Check(CrashReport report, decimal cap, Dictionary<string, decimal> billed, IReadOnlyList<SpendRow> rows, decimal ledger, int estimated, int mostEstimated)
    {
        if (ledger > cap || billed.Values.Sum() > cap)
        {
            report.Break("over_the_cap", $"{ledger} in the ledger, {billed.Values.Sum()} billed, of {cap}");
        }

        var byName = rows.ToLookup(static row => row.Account.UserId!, StringComparer.Ordinal);
        foreach (var (name, cost) in billed)
        {
            var charged = byName[name].ToList();
            if (charged.Count == 0)
            {
                report.Break("calls_without_a_row", name);
            }
            else if (!charged[0].Settlement.IsEstimated && charged[0].Settlement.Cost != cost)
            {
                report.Break("rows_with_another_sum", $"{name}: {charged[0].Settlement.Cost}, billed {cost}");
            }
            else if (charged[0].Settlement.Cost < cost)
            {
                report.Break("charged_less_than_billed", $"{name}: {charged[0].Settlement.Cost}, billed {cost}");
            }
        }

        foreach (var row in byName.Where(static row => row.Count() > 1))
        {
            report.Break("rows_twice", row.Key);
        }

        foreach (var row in rows.Where(row => !row.Settlement.IsEstimated && !billed.ContainsKey(row.Account.UserId!)))
        {
            report.Break("rows_with_another_sum", $"{row.Account.UserId} was never called, and is no estimate");
        }

        if (rows.Sum(static row => row.Settlement.Cost ?? 0) != ledger)
        {
            report.Break("rows_with_another_sum", $"the sum is {ledger}, of the rows {rows.Sum(static row => row.Settlement.Cost ?? 0)}");
        }

        if (estimated > mostEstimated)
        {
            report.Break("too_many_estimates", $"{estimated}; the dead had {mostEstimated} calls at most");
        }
    }
}
