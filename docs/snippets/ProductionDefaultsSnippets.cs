using AgentHosting;
using AgentHosting.Fallbacks;
using Microsoft.Extensions.AI;

namespace Snippets;

internal static class ProductionDefaultsSnippets
{
    public static IAgentHostingBuilder InAHost(IAgentHostingBuilder hosting) =>
        #region host
        hosting.AddAgent("assistant", agent => agent
            .WithInstructions("You are a helpful assistant.")
            .UsePipeline(pipeline => pipeline.UseProductionDefaults(options =>
                options.Fallback = new FallbackOptions { Models = { "large" } })));
        #endregion

    public static IChatClient InAConsole(IChatClient provider)
    {
        #region console
        var client = provider.AsBuilder()
            .UseProductionDefaults()
            .Build();
        #endregion
        return client;
    }
}
