namespace AgentHosting.Runs;

/// <summary>Reads conversations.</summary>
public interface ISessionReader
{
    /// <summary>Reads a conversation.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="sessionId">Its id.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>The transcript, or <see langword="null"/> when the owner has no such session.</returns>
    ValueTask<SessionTranscript?> GetSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default);
}
