using System.Runtime.CompilerServices;
using AgentHosting.Load.Crashes.Oracle;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>Says on the wire, in the field <c>user</c>, which step of which attempt asks. Below the journal, so that it is no part of what is replayed.</summary>
internal sealed class MarkingChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Marked(options), cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, Marked(options), cancellationToken))
        {
            yield return update;
        }
    }

    private static ChatOptions Marked(ChatOptions? options)
    {
        var context = options.GetAgentContext() ?? throw new InvalidOperationException("A model call of a run carries no context.");
        var marked = options!.Clone();
        marked.RawRepresentationFactory = _ => new ChatCompletionOptions { EndUserId = OracleLog.Mark(context.RunId!, context.StepKey!, context.Attempt) };
        return marked;
    }
}
