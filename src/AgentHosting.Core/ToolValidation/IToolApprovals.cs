namespace AgentHosting.ToolValidation;

/// <summary>Keeps requests for approval. Each operation is one atomic step: a request is decided once, and used once.</summary>
public interface IToolApprovals
{
    /// <summary>Keeps a new request.</summary>
    /// <param name="request">The request, pending.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>Whether there was room for it.</returns>
    ValueTask<bool> AddAsync(ToolApprovalRequest request, CancellationToken cancellationToken);

    /// <summary>Finds a request.</summary>
    /// <param name="requestId">Its id.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>The request as it stands, or <see langword="null"/>.</returns>
    ValueTask<ToolApprovalRequest?> FindAsync(string requestId, CancellationToken cancellationToken);

    /// <summary>Decides a request. The first decision holds; the same again is accepted and the opposite is not. Who may decide is for the caller to check.</summary>
    /// <param name="requestId">Its id.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>What became of the decision.</returns>
    ValueTask<ToolApprovalOutcome> DecideAsync(string requestId, ToolApprovalDecision decision, CancellationToken cancellationToken);

    /// <summary>Takes the one permission to run that an approved request gives.</summary>
    /// <param name="requestId">Its id.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>Whether the call may run now. Only one caller is ever told so.</returns>
    ValueTask<bool> TryUseAsync(string requestId, CancellationToken cancellationToken);

    /// <summary>Keeps what the call returned, for those that bring the same answer again.</summary>
    /// <param name="requestId">Its id.</param>
    /// <param name="result">The result, as text.</param>
    /// <param name="cancellationToken">Ends the request to the store.</param>
    /// <returns>A task that ends when it is kept.</returns>
    ValueTask SetResultAsync(string requestId, string result, CancellationToken cancellationToken);
}
