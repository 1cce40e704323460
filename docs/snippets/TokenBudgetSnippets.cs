using AgentHosting;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class TokenBudgetSnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region token-budget-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseTokenBudget(new TokenBudgetOptions
            {
                PriceOf = _ => new ModelPrice { Input = 0.15m, Output = 0.60m },
                Limits = { new TokenBudgetLimit { Window = TokenBudgetWindow.Day, MaxCost = 5m } },
            })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region token-budget-host
        services.AddAgentHosting()
            .AddModel("mini", _ => provider, model => (model.InputPrice, model.OutputPrice) = (0.15m, 0.60m))
            .AddTokenBudget(budget =>
            {
                budget.Limits.Add(new TokenBudgetLimit { Scope = SpendScope.Run, MaxCost = 0.50m, MaxCalls = 20 });
                budget.Limits.Add(new TokenBudgetLimit { Scope = SpendScope.User, Window = TokenBudgetWindow.Day, TimeZone = "Europe/Paris", MaxCost = 2m });
                budget.Limits.Add(new TokenBudgetLimit { Window = TokenBudgetWindow.Month, MaxCost = 1_000m });
            })
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseProductionDefaults()));
        #endregion
    }

    public static async Task QueryAsync(ISpendLedger ledger, CancellationToken cancellationToken)
    {
        #region token-budget-query
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        foreach (var user in await ledger.QueryAsync(new SpendQuery { From = today, To = today, GroupBy = SpendGrouping.User }, cancellationToken))
        {
            Console.WriteLine($"{user.Key}: {user.Cost} for {user.Calls} calls, {user.EstimatedCalls} of them estimated");
        }
        #endregion
    }
}
