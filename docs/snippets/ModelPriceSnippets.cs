using AgentHosting;
using AgentHosting.Pricing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ModelPriceSnippets
{
    public static void Host(IServiceCollection services, IChatClient provider, IChatClient other)
    {
        #region model-prices
        services.AddAgentHosting()
            .AddModelPrices("model_prices_and_context_window.json")
            .AddModel("mini", _ => provider, model => model.PriceKey = "gpt-4o-mini")
            .AddModel("large", _ => other, model => (model.InputPrice, model.OutputPrice, model.ReasoningPrice) = (2m, 8m, 10m));
        #endregion
    }

    public static IChatClient Console(IChatClient provider)
    {
        #region reported-usage
        IChatClient client = new ChatClientBuilder(provider)
            .UseTokenBudget(new TokenBudgetOptions())
            .UseReportedUsage(StreamedUsage.Last, CachedInputReport.BesideInput)
            .Build();
        #endregion
        return client;
    }
}
