using AgentHosting;
using AgentHosting.ModelRouting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

/// <summary>The code of docs/middleware/model-router.md.</summary>
internal static class ModelRouterSnippets
{
    public static async Task Standalone(IChatClient client)
    {
        #region standalone
        var options = new ModelRouterOptions { Candidates = { new() { Model = "gpt-mini" }, new() { Model = "gpt-large" } } };
        using var routed = client.AsBuilder().UseModelRouter(options).Build();
        var answer = await routed.GetResponseAsync("Prove that there are infinitely many primes.");
        #endregion
        Console.WriteLine(answer.Text);
    }

    public static void Hosted(IServiceCollection services, IChatClient mini, IChatClient large)
    {
        #region hosted
        services.AddAgentHosting()
            .AddModel("mini", _ => mini, model => { model.InputPrice = 0.15m; model.OutputPrice = 0.60m; model.ContextWindow = 128_000; })
            .AddModel("large", _ => large, model => { model.InputPrice = 2.50m; model.OutputPrice = 10m; model.ContextWindow = 400_000; })
            .AddModelRouter(router =>
            {
                router.Candidates.Add(new ModelRouteCandidate { Model = "mini" });      // the weakest first
                router.Candidates.Add(new ModelRouteCandidate { Model = "large" });
                router.ShadowMode = true;                                               // look before you route
            })
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseModelRouter()));
        #endregion
    }

    public static void Calibrate(ModelRouterOptions options, IReadOnlyList<string> prompts, IReadOnlyList<ComplexitySample> judged)
    {
        #region calibrate
        // A third of these prompts to the stronger model:
        options.Thresholds.Add(ComplexityCalibrator.ForStrongShare(0.33, prompts));

        // Or, where you know how both models did: as few as bring nine tenths of the stronger one's advantage.
        var threshold = ComplexityCalibrator.ForQuality(0.9, judged);
        #endregion
        options.Thresholds[0] = threshold;
    }

    #region policy
    private sealed class NightPolicy(TimeProvider clock) : IModelRoutePolicy
    {
        public ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
        {
            var isNight = clock.GetUtcNow().Hour < 6;
            var target = isNight ? context.Targets[^1] : context.Targets[0];
            return new(new ModelRoute { Model = target.Model, Reason = isNight ? "night" : "day" });
        }
    }
    #endregion

    public static void Register(IAgentHostingBuilder builder)
    {
        #region register-policy
        builder.AddModelRoutePolicy("night", services => new NightPolicy(services.GetRequiredService<TimeProvider>()));
        #endregion
    }
}
