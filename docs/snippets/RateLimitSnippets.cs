using AgentHosting;
using AgentHosting.RateLimits;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class RateLimitSnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region rate-limit-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseModelRateLimit(new ModelRateLimitOptions
            {
                RequestsPerMinute = 500,
                TokensPerMinute = 200_000,
                MaxWait = TimeSpan.FromSeconds(20),
            })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region rate-limit-host
        services.AddAgentHosting()
            .AddModel("mini", _ => provider, model => (model.RequestsPerMinute, model.TokensPerMinute) = (500, 200_000))
            .AddModelRateLimit(limit => limit.MaxWait = TimeSpan.FromSeconds(20))
            .AddAgent("assistant", agent => agent.UsePipeline(pipeline => pipeline.UseProductionDefaults()))
            .ConfigureRateLimits(limits => (limits.UserRequestsPerMinute, limits.GlobalRequestsPerMinute) = (20, 2_000));
        #endregion
    }

    public static async Task<bool> AdmitAsync(IAgentRateLimiter limiter, string tenant, CancellationToken cancellationToken)
    {
        #region rate-limit-own
        var decision = await limiter.AcquireAsync(
            new RateLimitRequest
            {
                Demands =
                [
                    new RateLimitDemand { Key = $"exports:{tenant}", Limit = 5, Window = TimeSpan.FromHours(1) },
                    new RateLimitDemand { Key = "exports", Limit = 100, Window = TimeSpan.FromHours(1) },
                ],
            },
            cancellationToken);
        if (!decision.IsAcquired)
        {
            Console.WriteLine($"{decision.RefusedBy!.Key}: try again in {decision.RetryAfter}");
        }
        #endregion

        return decision.IsAcquired;
    }
}
