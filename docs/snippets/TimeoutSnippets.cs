using AgentHosting;
using AgentHosting.Retries;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class TimeoutSnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region timeout-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseTimeout(new TimeoutOptions { Name = "call", Total = TimeSpan.FromMinutes(3), FirstToken = null, Idle = null })
            .UseRetry(new RetryOptions())
            .UseTimeout(new TimeoutOptions { Total = TimeSpan.FromMinutes(1), FirstToken = TimeSpan.FromSeconds(20) })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region timeout-host
        services.AddAgentHosting()
            .AddTimeout()
            .AddTimeout(call => { call.Name = "call"; call.FirstToken = null; call.Idle = null; }, "call")
            .AddRetry();
        services.AddChatClient(provider).UseTimeout("call").UseRetry().UseTimeout();
        #endregion
    }
}
