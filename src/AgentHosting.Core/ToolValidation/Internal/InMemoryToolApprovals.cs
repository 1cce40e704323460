namespace AgentHosting.ToolValidation.Internal;

/// <summary>The requests of one process.</summary>
internal sealed class InMemoryToolApprovals(TimeProvider timeProvider) : IToolApprovals
{
    internal const int MaxRequests = 10_000;

    // One user must not be able to leave no room for others.
    internal const int MaxOpenOfUser = 100;

    private static readonly TimeSpan _keepAfterEnd = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ToolApprovalRequest> _requests = new(StringComparer.Ordinal);

    public ValueTask<bool> AddAsync(ToolApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            if (_requests.Count >= MaxRequests)
            {
                foreach (var old in _requests.Values.Where(one => now >= one.ExpiresAt).Select(static one => one.Id).ToArray())
                {
                    _requests.Remove(old);
                }
            }

            var room = _requests.Count < MaxRequests
                && _requests.Values.Count(one => one.Status == ToolApprovalStatus.Pending && now < one.ExpiresAt && one.TenantId == request.TenantId && one.UserId == request.UserId)
                    < MaxOpenOfUser;
            return new ValueTask<bool>(room && _requests.TryAdd(request.Id, request.With(ToolApprovalStatus.Pending)));
        }
    }

    public ValueTask<ToolApprovalRequest?> FindAsync(string requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        lock (_lock)
        {
            return new ValueTask<ToolApprovalRequest?>(Find(requestId));
        }
    }

    public ValueTask<ToolApprovalOutcome> DecideAsync(string requestId, ToolApprovalDecision decision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        ArgumentNullException.ThrowIfNull(decision);
        lock (_lock)
        {
            return new ValueTask<ToolApprovalOutcome>(Decide(Find(requestId), decision));
        }
    }

    public ValueTask<bool> TryUseAsync(string requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        lock (_lock)
        {
            if (Find(requestId) is not { Status: ToolApprovalStatus.Approved } request)
            {
                return new ValueTask<bool>(false);
            }

            _requests[requestId] = request.With(ToolApprovalStatus.Used);
            return new ValueTask<bool>(true);
        }
    }

    public ValueTask SetResultAsync(string requestId, string result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        ArgumentNullException.ThrowIfNull(result);
        lock (_lock)
        {
            if (Find(requestId) is { Status: ToolApprovalStatus.Used, Result: null } request)
            {
                _requests[requestId] = request.With(ToolApprovalStatus.Used, result: result);
            }
        }

        return default;
    }

    private ToolApprovalOutcome Decide(ToolApprovalRequest? request, ToolApprovalDecision decision)
    {
        switch (request?.Status)
        {
            case null:
                return ToolApprovalOutcome.Unknown;
            case ToolApprovalStatus.Pending:
                _requests[request.Id] = request.With(
                    decision.IsApproved ? ToolApprovalStatus.Approved : ToolApprovalStatus.Rejected, decision, timeProvider.GetUtcNow());
                return ToolApprovalOutcome.Accepted;
            case ToolApprovalStatus.Expired:
                return ToolApprovalOutcome.Expired;
            default:
                return request.Decision!.IsApproved == decision.IsApproved ? ToolApprovalOutcome.Repeated : ToolApprovalOutcome.Conflict;
        }
    }

    private ToolApprovalRequest? Find(string id)
    {
        if (!_requests.TryGetValue(id, out var request))
        {
            return null;
        }

        var now = timeProvider.GetUtcNow();
        if (now >= request.ExpiresAt + _keepAfterEnd)
        {
            _requests.Remove(id);
            return null;
        }

        // What has run, or was rejected, stays so: those who ask again are to hear it.
        return now >= request.ExpiresAt && request.Status is (ToolApprovalStatus.Pending or ToolApprovalStatus.Approved)
            ? request.With(ToolApprovalStatus.Expired)
            : request;
    }
}
