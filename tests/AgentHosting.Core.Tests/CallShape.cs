using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests;

/// <summary>Makes the same call in either of the two shapes.</summary>
internal static class CallShape
{
    public static async Task<ChatResponse> CallAsync(
        this IChatClient client, bool streaming, ChatOptions? options = null, CancellationToken? cancellationToken = null, Action<string>? seen = null)
    {
        var token = cancellationToken ?? TestContext.Current.CancellationToken;
        if (!streaming)
        {
            var response = await client.GetResponseAsync("hi", options, token);
            seen?.Invoke(response.Text);
            return response;
        }

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("hi", options, token))
        {
            updates.Add(update);
            seen?.Invoke(update.Text);
        }

        return updates.ToChatResponse();
    }
}
