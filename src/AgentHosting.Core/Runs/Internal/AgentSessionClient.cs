using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Shows what the store keeps of a conversation. Results of tools were filtered before they were stored, answers by the pipeline; arguments are filtered here, as in events.</summary>
internal sealed class AgentSessionClient(IRunStore store, RunGuards guards) : IAgentSessionClient
{
    public async ValueTask<AgentConversation?> GetAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        return await store.GetSessionAsync(owner, sessionId, cancellationToken) is { } session
            ? new AgentConversation { SessionId = session.SessionId, Version = session.Version, Turns = [.. session.Turns.Select(turn => Show(turn, owner, sessionId))] }
            : null;
    }

    public ValueTask<SessionDeleteOutcome> DeleteAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        return store.DeleteSessionAsync(owner, sessionId, cancellationToken);
    }

    private AgentConversationTurn Show(SessionTurn turn, AgentIdentity owner, string sessionId)
    {
        var context = new AgentCallContext { TenantId = owner.TenantId, UserId = owner.UserId, SessionId = sessionId, RunId = turn.RunId };
        var messages = RunTranscript.MessagesOf(turn);
        foreach (var contents in messages.Select(static message => message.Contents))
        {
            for (var i = 0; i < contents.Count; i++)
            {
                if (contents[i] is FunctionCallContent call)
                {
                    contents[i] = new FunctionCallContent(call.CallId, call.Name, Shown(call, context));
                }
            }
        }

        return new AgentConversationTurn { RunId = turn.RunId, Messages = messages };
    }

    private Dictionary<string, object?>? Shown(FunctionCallContent call, AgentCallContext context) =>
        guards.Shown(JournalFormat.ArgumentsOf(call), context) is { ValueKind: JsonValueKind.Object } shown
            ? shown.EnumerateObject().ToDictionary(static property => property.Name, static property => (object?)property.Value.Clone(), StringComparer.Ordinal)
            : null;
}
