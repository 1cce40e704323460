using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <summary>The calls of a store that are synchronous, in the form of its others, so that tests may treat them alike.</summary>
public static class RunStoreCalls
{
    public static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(this IRunStore store, RunClaimRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(store.Claim(request));
    }

    public static ValueTask<IReadOnlyList<RunRenewalOutcome>> RenewAsync(
        this IRunStore store, IReadOnlyList<RunLease> leases, TimeSpan leaseDuration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(store.Renew(leases, leaseDuration));
    }
}
