using AgentHosting;
using AgentHosting.CircuitBreakers;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class CircuitBreakerSnippets
{
    public static IChatClient Console(IChatClient provider)
    {
        #region breaker-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseCircuitBreaker(new CircuitBreakerOptions { OpenDuration = TimeSpan.FromSeconds(30) })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region breaker-host
        services.AddAgentHosting().AddCircuitBreaker(breaker =>
        {
            breaker.MinimumCalls = 20;
            breaker.RateLimitPause = TimeSpan.FromSeconds(5);
        });
        services.AddChatClient(provider).UseCircuitBreaker();
        #endregion
    }

    public static async Task CatchAsync(IChatClient client, CancellationToken cancellationToken)
    {
        #region breaker-catch
        try
        {
            var response = await client.GetResponseAsync("Where is my parcel?", cancellationToken: cancellationToken);
            System.Console.WriteLine(response.Text);
        }
        catch (CircuitOpenException refusal)
        {
            System.Console.WriteLine($"{refusal.Model} is not well. Try again in {refusal.RetryAfter}.");
        }
        #endregion
    }
}
