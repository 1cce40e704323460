using AgentHosting;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class FallbackSnippets
{
    public static IChatClient Console(IChatClient provider, IChatClient otherProvider)
    {
        #region fallback-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseFallback(new FallbackOptions { Models = { "gpt-5-mini" }, Clients = { otherProvider } })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, Func<IServiceProvider, IChatClient> large, Func<IServiceProvider, IChatClient> backup)
    {
        #region fallback-host
        services.AddAgentHosting()
            .AddModel("large", large, model => model.ContextWindow = 400_000)
            .AddModel("backup", backup, model =>
            {
                model.ContextWindow = 128_000;
                model.SupportsImages = false;
            })
            .AddFallback(fallback =>
            {
                fallback.Models.Add("backup");
                fallback.LastResortMessage = "I cannot answer at the moment. Please try again in a few minutes.";
            })
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseFallback()));
        #endregion
    }

    public static void Hedge()
    {
        #region fallback-hedge
        var options = new FallbackOptions { Models = { "backup" }, HedgeAfter = TimeSpan.FromSeconds(4) };
        #endregion
        System.Console.WriteLine(options.HedgeAfter);
    }

    public static async Task CatchAsync(IChatClient client, CancellationToken cancellationToken)
    {
        #region fallback-catch
        try
        {
            var response = await client.GetResponseAsync("Where is my parcel?", cancellationToken: cancellationToken);
            System.Console.WriteLine(response.IsDegraded() ? "The models are down." : response.Text);
        }
        catch (AllModelsFailedException failure)
        {
            foreach (var attempt in failure.Attempts)
            {
                System.Console.WriteLine($"{attempt.Model}: {attempt.Failure.Kind} after {attempt.Duration}");
            }
        }
        #endregion
    }
}
