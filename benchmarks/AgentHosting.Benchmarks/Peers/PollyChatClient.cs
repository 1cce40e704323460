using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace AgentHosting.Benchmarks.Peers;

/// <summary>Polly's retry, circuit breaker and timeout around a client, as a team writes it. It cannot cover a stream: its outcome is known when the call returns.</summary>
internal sealed class PollyChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    private readonly ResiliencePipeline<ChatResponse> _pipeline = new ResiliencePipelineBuilder<ChatResponse>()
        .AddRetry(new RetryStrategyOptions<ChatResponse> { MaxRetryAttempts = 3, BackoffType = DelayBackoffType.Exponential, UseJitter = true })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ChatResponse>())
        .AddTimeout(TimeSpan.FromSeconds(30))
        .Build();

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, call) => await call.InnerClient.GetResponseAsync(call.messages, call.options, context.CancellationToken),
                context,
                (InnerClient, messages, options));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
