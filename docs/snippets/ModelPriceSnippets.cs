using AgentHosting;
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
}
