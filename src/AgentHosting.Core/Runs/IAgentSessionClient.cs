namespace AgentHosting.Runs;

/// <summary>Reads and erases conversations, from anywhere that shares the store.</summary>
public interface IAgentSessionClient
{
    /// <summary>Reads a conversation. A run that is not done is not in it yet.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="sessionId">Its id.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>The conversation, or <see langword="null"/> when the owner has no such session.</returns>
    ValueTask<AgentConversation?> GetAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default);

    /// <summary>Erases a conversation. Its ended runs stay readable until their retention ends.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="sessionId">Its id.</param>
    /// <param name="cancellationToken">Stops waiting for the store; what became of it is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<SessionDeleteOutcome> DeleteAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default);
}
