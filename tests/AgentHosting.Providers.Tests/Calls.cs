using System.Text;
using Microsoft.Extensions.AI;

namespace AgentHosting.Providers.Tests;

internal static class Calls
{
    /// <summary>Makes one call in either style and returns its text. What was seen before a failure goes to <paramref name="seen"/>.</summary>
    public static async Task<string> CollectAsync(IChatClient client, bool streaming, CancellationToken cancellationToken, StringBuilder? seen = null)
    {
        if (!streaming)
        {
            return (await client.GetResponseAsync("hi", cancellationToken: cancellationToken)).Text;
        }

        seen ??= new StringBuilder();
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken))
        {
            seen.Append(update.Text);
        }

        return seen.ToString();
    }
}
