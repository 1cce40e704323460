using AgentHosting;
using AgentHosting.ResponseCaching;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ResponseCacheSnippets
{
    public static async Task AloneAsync(IChatClient model)
    {
        #region alone
        using var client = model.AsBuilder()
            .UseResponseCache(new ResponseCacheOptions { TimeToLive = TimeSpan.FromMinutes(10) })
            .Build();
        Console.WriteLine(await client.GetResponseAsync("What is the capital of France?"));
        #endregion
    }

    public static void Host(IServiceCollection services)
    {
        #region host
        // With a HybridCache in the services (AddHybridCache over Redis, or FusionCache's AsHybridCache) replicas share answers.
        services.AddAgentHosting()
            .AddResponseCache(options => options.PolicyVersion = "2026-01")
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseResponseCache()));
        #endregion
    }

    public static async Task PerCallAsync(IChatClient client, string question)
    {
        #region per-call
        var options = new ChatOptions { Temperature = 0 };
        var answer = await client.GetResponseAsync(question, options.WithResponseCache(timeToLive: TimeSpan.FromDays(1)));
        if (answer.Text.Length > 500)
        {
            // The stored answer was no good: ask again, and replace it.
            answer = await client.GetResponseAsync(question, options.WithResponseCache(ResponseCacheMode.Refresh));
        }

        var isFree = answer.AdditionalProperties?.ContainsKey(ResponseCacheProperties.Result) == true;
        #endregion
        Console.WriteLine(isFree);
    }

    public static void Semantic(ChatClientBuilder pipeline, IEmbeddingGenerator<string, Embedding<float>> embeddings)
    {
        #region semantic
        pipeline.UseResponseCache(
            new ResponseCacheOptions { Semantic = new SemanticCacheOptions { Enabled = true } },
            embeddings: embeddings);
        #endregion
    }
}
