using Microsoft.Extensions.AI;

namespace AgentHosting.Stages.Internal;

/// <summary>Stands between the innermost stage and the provider's client, which is not to see what stages tell each other.</summary>
internal sealed class ProviderBoundary : DelegatingChatClient
{
    private ProviderBoundary(IChatClient innerClient)
        : base(innerClient)
    {
    }

    /// <summary>The client to build a stage on. Where a stage or the model catalog is below already, which keeps the boundary, it is the client itself.</summary>
    public static IChatClient Around(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetService<ProviderBoundary>() is null && client.GetService<Models.IModelCatalog>() is null ? new ProviderBoundary(client) : client;
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        InnerClient.GetResponseAsync(messages, ReservedProperties.RemovedFrom(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        InnerClient.GetStreamingResponseAsync(messages, ReservedProperties.RemovedFrom(options), cancellationToken);
}
