using System.Runtime.CompilerServices;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Models.Internal;

/// <summary>
/// Stands on a provider's client and makes its usage what Microsoft.Extensions.AI says it is: reports of a stream add up, and the input contains what came from the
/// provider's cache. All that stands above then reads usage in one way, whoever the provider is.
/// </summary>
internal sealed class ReportedUsageChatClient : DelegatingChatClient
{
    private readonly StreamedUsage _streamedUsage;
    private readonly CachedInputReport _cachedInput;

    private ReportedUsageChatClient(IChatClient innerClient, StreamedUsage streamedUsage, CachedInputReport cachedInput)
        : base(innerClient)
    {
        _streamedUsage = streamedUsage;
        _cachedInput = cachedInput;
    }

    /// <summary>The client itself where there is nothing to do, or where it is done below: twice would count twice.</summary>
    public static IChatClient Around(IChatClient client, StreamedUsage streamedUsage, CachedInputReport cachedInput) =>
        (streamedUsage, cachedInput) == (StreamedUsage.Sum, CachedInputReport.Detect) || client.GetService<ReportedUsageChatClient>() is not null
            ? client
            : new ReportedUsageChatClient(client, streamedUsage, cachedInput);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await InnerClient.GetResponseAsync(messages, options, cancellationToken);
        return response.Usage is { } usage ? With(response, InputWithCache.Of(usage, _cachedInput)) : response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        UsageSteps? steps = null;
        await foreach (var update in InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            yield return HasUsage(update) ? With(update, steps ??= new UsageSteps(_streamedUsage, _cachedInput)) : update;
        }
    }

    private static bool HasUsage(ChatResponseUpdate update)
    {
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent)
            {
                return true;
            }
        }

        return false;
    }

    // Copies: what a client hands out it may hand out again.
    private static ChatResponseUpdate With(ChatResponseUpdate update, UsageSteps steps)
    {
        var copy = update.Clone();
        copy.Contents = [.. update.Contents.Select(content => content is not UsageContent usage ? content : new UsageContent(steps.Next(usage.Details))
        {
            AdditionalProperties = usage.AdditionalProperties,
            Annotations = usage.Annotations,
            RawRepresentation = usage.RawRepresentation,
        })];
        return copy;
    }

    private static ChatResponse With(ChatResponse response, UsageDetails usage) => ReferenceEquals(usage, response.Usage) ? response : new ChatResponse(response.Messages)
    {
        ResponseId = response.ResponseId,
        ConversationId = response.ConversationId,
        ModelId = response.ModelId,
        CreatedAt = response.CreatedAt,
        FinishReason = response.FinishReason,
        Usage = usage,
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        ContinuationToken = response.ContinuationToken,
#pragma warning restore MEAI001
        RawRepresentation = response.RawRepresentation,
        AdditionalProperties = response.AdditionalProperties,
    };
}
