using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental: nothing of them is in our own API.

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// An answer that the provider works out in the background. A token says that it has begun, and will be billed, so that nobody may ask for another one; a stream or response
/// that ends with a token is to be continued, and is no failure.
/// </summary>
internal static class BackgroundAnswer
{
    public static bool GoesOn(ChatResponseUpdate update) => update.ContinuationToken is not null;

    public static bool GoesOn(ChatResponse response) => response.ContinuationToken is not null;

    /// <summary>Whether the call may begin one.</summary>
    public static bool MayBegin(ChatOptions? options) => options?.AllowBackgroundResponses == true;

    /// <summary>Whether the call reads one that was begun.</summary>
    public static bool IsContinued(ChatOptions? options) => options?.ContinuationToken is not null;
}
