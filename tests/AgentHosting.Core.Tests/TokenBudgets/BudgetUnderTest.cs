using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>A pipeline with a budget of its own: input costs 1 and output 2 for each token, a token is a character.</summary>
internal sealed class BudgetUnderTest : IDisposable
{
    private readonly ServiceProvider _services;

    public BudgetUnderTest(IChatClient model, ISpendLedger? ledger = null, Action<TokenBudgetOptions>? configure = null, params TokenBudgetLimit[] limits)
    {
        Ledger = ledger ?? new InMemorySpendLedger(Options.Create(new SpendLedgerOptions()), Clock);
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock).AddSingleton(Ledger).AddSingleton<ITokenCounter, LengthCounter>().AddLogging().BuildServiceProvider();
        var options = new TokenBudgetOptions { DefaultMaxOutputTokens = 100, MinOutputTokens = 10, PriceOf = static _ => Price };
        foreach (var limit in limits)
        {
            options.Limits.Add(limit);
        }

        configure?.Invoke(options);
        Client = model.AsBuilder().UseTokenBudget(options).Build(_services);
    }

    public static ModelPrice Price { get; } = new() { Input = 1_000_000m, Output = 2_000_000m };

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    public ISpendLedger Ledger { get; }

    public IChatClient Client { get; }

    public async Task<SpendRow> RowAsync() => Assert.Single(await Ledger.GetRowsAsync(new SpendQuery(), 10, TestContext.Current.CancellationToken));

    public async Task<SpendBalance> BalanceAsync(SpendScope scope = SpendScope.Global) => Assert.Single(await Ledger.GetBalancesAsync(
        new SpendAccount { UserId = "ann" }, [new SpendLimit { Scope = scope, MaxCalls = 1 }], TestContext.Current.CancellationToken));

    public void Dispose()
    {
        Client.Dispose();
        _services.Dispose();
    }
}
