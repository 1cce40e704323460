using AgentHosting;
using AgentHosting.ContextWindows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ContextWindowSnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region context-window-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseFunctionInvocation()
            .UseContextWindow(new ContextWindowOptions { ContextWindow = 128_000 })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region context-window-host
        services.AddAgentHosting()
            .AddModel("mini", _ => provider, model => model.ContextWindow = 128_000)
            .AddContextWindow(window => window.MaxInputTokens = 32_000)
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseProductionDefaults()));
        #endregion
    }

    public static IChatClient Summarising(IChatClient provider, IChatReducer summarising)
    {
        #region context-window-reducer
        IChatClient client = new ChatClientBuilder(provider)
            .UseContextWindow(new ContextWindowOptions { ContextWindow = 128_000 }, summarising)
            .Build();
        #endregion
        return client;
    }

    public static IChatClient Repaired(IChatClient provider)
    {
        #region transcript-repair
        IChatClient client = new ChatClientBuilder(provider)
            .UseFunctionInvocation()
            .UseTranscriptRepair()
            .Build();
        #endregion
        return client;
    }
}
