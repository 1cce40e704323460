using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>The client that code of a run calls models with: each call is a step of the place that the code is in.</summary>
internal sealed class CodeChatClient(RunSteps steps, IChatClient pipeline) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        steps.CallModelAsync(messages, options, cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await steps.CallModelAsync(messages, options, cancellationToken);
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : pipeline.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // The pipeline is that of all runs.
    }
}
