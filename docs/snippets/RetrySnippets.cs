using AgentHosting;
using AgentHosting.Failures;
using AgentHosting.Retries;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class RetrySnippets
{
    public static IChatClient Build(IChatClient provider)
    {
        #region retry-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseRetry(new RetryOptions { MaxRetries = 2 })
            .Build();
        #endregion
        return client;
    }

    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region retry-host
        services.AddAgentHosting().AddRetry(retry =>
        {
            retry.MaxRetries = 3;
            retry.TotalTimeout = TimeSpan.FromSeconds(90);
            retry.ShouldHandle = static failure => failure.IsRetryable && failure.StatusCode != 503;
        });
        services.AddChatClient(provider).UseRetry();
        #endregion
    }

    public static async Task StreamAsync(IChatClient client, CancellationToken cancellationToken)
    {
        #region retry-stream
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync("Tell me a story.", cancellationToken: cancellationToken))
            {
                Console.Write(update.Text);
            }
        }
        catch (StreamInterruptedException exception)
        {
            Console.Write($" [cut after {exception.PartialText.Length} characters]");
        }
        #endregion
    }

    public static void FinishReason(IServiceCollection services, IChatClient provider)
    {
        #region failures-finish-reason
        services.AddChatClient(provider).UseProductionDefaults().UseAssumedFinishReason();
        #endregion
    }

    public static void Classify(Exception exception)
    {
        #region failures-classify
        var failure = ChatFailureClassifier.Classify(exception, TimeProvider.System);
        var message = failure.Kind switch
        {
            ChatFailureKind.RateLimited => $"Busy. Come back in {failure.RetryAfter}.",
            ChatFailureKind.ContextWindow => "The conversation is too long for this model.",
            ChatFailureKind.ContentFilter => "The provider refused the request.",
            _ => $"The model failed ({failure.StatusCode} {failure.ErrorCode}).",
        };
        #endregion
        Console.WriteLine(message);
    }
}
