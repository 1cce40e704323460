using System.Text.Json.Nodes;
using AgentHosting.Load.Options;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Budgets;

/// <summary>Many callers at once spend one budget: what the provider bills never passes it, and nothing stays held.</summary>
internal sealed class BudgetRaceScenario : ILoadScenario
{
    private const int MaxOutputTokens = 400;

    public string Name => "budget-race";

    public string Summary => "many callers at once spend one budget";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("callers", "256", "callers at once"),
        new("requests", "40", "requests of each"),
        new("share", "50", "the cap, as a percentage of what all requests cost"),
        new("seed", "1", "of the random answers"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var (callers, requests, seed) = (options.Number("callers"), options.Number("requests"), options.Number("seed"));
        var price = new ModelPrice { Input = 3m, Output = 15m };
        // Answers take half of what they may on average.
        var expected = callers * requests * UsageCost.WorstCase(100, MaxOutputTokens / 2, price);
        var cap = Math.Round(expected * options.Number("share") / 100, 6);
        using var provider = new BillingChatClient(price, seed);
        using var host = CreateHost();
        var ledger = host.Services.GetRequiredService<ISpendLedger>();
        using var client = provider.AsBuilder()
            .UseTokenBudget(new TokenBudgetOptions { PriceOf = _ => price, Limits = { new TokenBudgetLimit { MaxCost = cap } } })
            .Build(host.Services);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                for (var i = 0; i < requests; i++)
                {
                    if (!await TryCallAsync(client, streaming: (caller + i) % 2 == 0, cancellationToken))
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            },
            cancellationToken)));

        var balance = (await ledger.GetBalancesAsync(new SpendAccount(), [new SpendLimit { Scope = SpendScope.Global }], cancellationToken))[0];
        var sum = (await ledger.QueryAsync(new SpendQuery(), cancellationToken))[0];
        var overshoot = Math.Max(0, provider.Billed - cap);
        results.Write(new JsonObject
        {
            ["name"] = Name,
            ["seed"] = seed,
            ["callers"] = callers,
            ["cap"] = cap,
            ["billed"] = provider.Billed,
            ["ledger"] = sum.Cost,
            ["calls"] = provider.Calls,
            ["refused"] = refused,
            ["held"] = balance.HeldCostNanos / 1_000_000_000m,
            ["overshoot"] = overshoot,
        });
        return overshoot == 0 && balance.HeldCostNanos == 0 && sum.Cost == provider.Billed && refused > 0 && provider.Billed >= cap * 0.9m;
    }

    private static IHost CreateHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAgentHosting();
        return builder.Build();
    }

    private static async Task<bool> TryCallAsync(IChatClient client, bool streaming, CancellationToken cancellationToken)
    {
        var options = new ChatOptions { MaxOutputTokens = MaxOutputTokens };
        try
        {
            if (!streaming)
            {
                await client.GetResponseAsync("Where is my order?", options, cancellationToken);
                return true;
            }

            await foreach (var _ in client.GetStreamingResponseAsync("Where is my order?", options, cancellationToken))
            {
            }

            return true;
        }
        catch (BudgetExceededException)
        {
            return false;
        }
    }
}
