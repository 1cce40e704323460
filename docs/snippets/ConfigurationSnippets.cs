using AgentHosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ConfigurationSnippets
{
    public static void Named(IServiceCollection services, IChatClient chat, IChatClient batch)
    {
        #region named-options
        services.AddAgentHosting()
            .AddRetry()
            .AddRetry(retry => retry.MaxRetries = 4, optionsName: "patient");
        services.AddChatClient(chat).UseRetry();
        services.AddKeyedChatClient("batch", batch).UseRetry("patient");
        #endregion
    }

    public static void OwnSection(IServiceCollection services)
    {
        #region own-section
        services.AddAgentHosting().AddConfigurationSection("Tenants");
        #endregion
    }
}
