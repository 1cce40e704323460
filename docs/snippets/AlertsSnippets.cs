using AgentHosting;
using AgentHosting.Alerts;
using AgentHosting.Pricing;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class AlertsSnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region alerts-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseTokenBudget(new TokenBudgetOptions
            {
                PriceOf = _ => new ModelPrice { Input = 0.15m, Output = 0.60m },
                Limits = { new TokenBudgetLimit { Window = TokenBudgetWindow.Day, MaxCost = 5m } },
                OnAlert = (alert, _) =>
                {
                    Console.WriteLine(alert.Message);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region alerts-host
        services.AddAgentHosting()
            .AddModel("mini", _ => provider, model => (model.InputPrice, model.OutputPrice) = (0.15m, 0.60m))
            .AddTokenBudget(budget => budget.Limits.Add(new TokenBudgetLimit { Window = TokenBudgetWindow.Month, MaxCost = 1_000m }))
            .AddSpendAlertHandler<OnCallHandler>()
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseProductionDefaults()));
        #endregion
    }

    public static void Watch(IServiceCollection services)
    {
        #region alerts-anomaly
        services.AddAgentHosting()
            .AddTokenBudget(budget => budget.Anomalies.Add(new TokenBudgetAnomaly { Scope = SpendScope.User, Factor = 4, MinCost = 2m }));
        #endregion
    }

    #region alerts-handler
    internal sealed class OnCallHandler(IPager pager) : ISpendAlertHandler
    {
        public async ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken)
        {
            if (alert.Ratio >= 0.8)
            {
                await pager.PageAsync(alert.Message, cancellationToken);
            }
        }
    }
    #endregion

    internal interface IPager
    {
        Task PageAsync(string text, CancellationToken cancellationToken);
    }
}
