using AgentHosting;
using AgentHosting.Guardrails;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class GuardSnippets
{
    public static IChatClient Output(IChatClient provider)
    {
        #region output-guard-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseOutputGuard(new OutputGuardOptions
            {
                Actions = { [SensitiveDataKinds.Card] = SensitiveDataAction.Mask, [SensitiveDataKinds.PrivateKey] = SensitiveDataAction.Block },
                AllowedValues = { "support@example.com" },
            })
            .Build();
        #endregion
        return client;
    }

    public static IChatClient Input(IChatClient provider)
    {
        #region input-guard-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseInputGuard(new InputGuardOptions { MaxMessageBytes = 32_768, Injection = InjectionAction.Tag })
            .UseFunctionInvocation()
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region guards-host
        services.AddAgentHosting().AddInputGuard().AddOutputGuard();
        services.AddChatClient(provider).UseInputGuard().UseFunctionInvocation().UseOutputGuard();
        #endregion
    }
}
