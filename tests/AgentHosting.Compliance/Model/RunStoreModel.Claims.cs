using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <content>
/// Who is served. Which tenant comes first is the store's choice, within bounds: none that could be served is passed over more than twice in favour of the same other one.
/// Within a tenant the order is exact.
/// </content>
internal sealed partial class RunStoreModel
{
    private const int MostTurnsOfAnother = 2;
    private readonly Dictionary<(string Waiting, string Served), int> _passedOver = [];

    /// <summary>Begins a claim: what the store can only learn by looking at its clock.</summary>
    public void BeginClaim() => AnswerAllDue();

    /// <summary>Ready runs of the claim whose time is up: the store ends those that it comes upon.</summary>
    public List<ModelRun> ExpiredOf(RunClaimRequest request) => Runs.FindAll(
        run => IsReady(run) && run.ExpiresAt <= Now && request.Agents.GetValueOrDefault(run.Submission.Agent) > 0 && run.Version <= request.JournalVersion && (!run.IsSuspect || request.MaxSuspects > 0));

    public void FollowExpiry(ModelRun run) => Expire(run);

    /// <summary>Follows the store, and throws where it took what it must not take, or left what it must serve.</summary>
    public void Claim(RunClaimRequest request, IReadOnlyList<ClaimedRun> claims, bool someExpired)
    {
        var room = new Dictionary<string, int>(request.Agents, StringComparer.Ordinal);
        if (claims.Count > request.MaxRuns)
        {
            throw new RunStoreModelException($"{claims.Count} runs were claimed, more than the {request.MaxRuns} asked for.");
        }

        var suspects = request.MaxSuspects;
        foreach (var claim in claims)
        {
            Take(request, claim, room, ref suspects, someExpired);
        }

        if (claims.Count < request.MaxRuns && Runs.Find(run => IsClaimable(run, request, room, suspects)) is { } left)
        {
            throw new RunStoreModelException($"{left.Id} is ready, its tenant and its agent have room, and nobody got it.");
        }
    }

    /// <summary>Those who are not in turn wait for nothing.</summary>
    public void ForgetIdleTenants()
    {
        foreach (var tenant in _passedOver.Keys.Select(static pair => pair.Waiting).Distinct().Where(tenant => !HasRoom(tenant) || !Runs.Exists(run => run.Tenant == tenant && IsReady(run))).ToList())
        {
            Forgive(tenant);
        }
    }

    private void Take(RunClaimRequest request, ClaimedRun claim, Dictionary<string, int> room, ref int suspects, bool someExpired)
    {
        if (Find(claim.Lease.RunId) is not { } run || !IsClaimable(run, request, room, suspects) || run.ExpiresAt <= Now)
        {
            throw new RunStoreModelException($"{claim.Lease.RunId} was claimed and must not be: not ready, ended, of no agent with room, too new, or its tenant is at its limit.");
        }

        var left = suspects;
        var claimable = Runs.FindAll(other => IsClaimable(other, request, room, left));
        if (someExpired)
        {
            // Which of them ended before which claim is not known.
            _passedOver.Clear();
        }
        else
        {
            var best = claimable.FindAll(other => other.Tenant == run.Tenant).OrderByDescending(static other => other.Submission.Priority).First();
            if (best != run)
            {
                throw new RunStoreModelException($"{run.Id} was claimed before {best.Id} of the same tenant, which is older or more urgent.");
            }

            CountTurn(run.Tenant, claimable.Select(static other => other.Tenant).Distinct());
        }

        room[run.Submission.Agent]--;
        suspects -= run.IsSuspect ? 1 : 0;
        Begin(run, claim, request);
    }

    private void CountTurn(string served, IEnumerable<string> claimable)
    {
        foreach (var waiting in claimable.Where(tenant => tenant != served))
        {
            var turns = _passedOver[(waiting, served)] = _passedOver.GetValueOrDefault((waiting, served)) + 1;
            if (turns > MostTurnsOfAnother)
            {
                throw new RunStoreModelException($"Tenant {served} was served {turns} times while {waiting} was ready.");
            }
        }

        Forgive(served);
    }

    private void Forgive(string tenant)
    {
        foreach (var pair in _passedOver.Keys.Where(pair => pair.Waiting == tenant).ToList())
        {
            _passedOver.Remove(pair);
        }
    }

    private void Begin(ModelRun run, ClaimedRun claim, RunClaimRequest request)
    {
        run.Claims++;
        run.Attempts++;
        run.ReleasedToken = null;
        run.LastBatch = 0;
        run.HasNewAnswer = false;
        run.BegunBefore.Clear();
        run.BegunBefore.UnionWith(run.Begun);
        run.StartedAt ??= Now;
        run.AttemptStartedAt = Now;
        run.Lease = claim.Lease;
        run.LeaseEnd = Now + request.LeaseDuration;
        run.Status = AgentRunStatus.Running;
        run.Tell(new() { Type = AgentRunEventTypes.RunStarted, RunId = run.Id, Attempt = run.Attempts }, Now);
    }

    private bool IsClaimable(ModelRun run, RunClaimRequest request, Dictionary<string, int> room, int suspects) =>
        IsReady(run) && room.GetValueOrDefault(run.Submission.Agent) > 0 && run.Version <= request.JournalVersion && (!run.IsSuspect || suspects > 0) && HasRoom(run.Tenant);

    private bool HasRoom(string tenant) => options.MaxRunningPerTenant == 0
        || Runs.Count(run => run.Tenant == tenant && run.Status == AgentRunStatus.Running) < options.MaxRunningPerTenant;
}
