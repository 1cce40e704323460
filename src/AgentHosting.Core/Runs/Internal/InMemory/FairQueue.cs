namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Ready runs, taken from tenants in turn: virtual-time round robin, in which a tenant that was idle gets no credit for it.</summary>
internal sealed class FairQueue(int maxRunningPerTenant)
{
    // What a run of a tenant of weight 1 costs. As in run-queue.lua.
    private const long RunCost = 100_000;
    private readonly Dictionary<string, TenantQueue> _tenants = new(StringComparer.Ordinal);
    private readonly SortedSet<TenantQueue> _turns = new(Comparer<TenantQueue>.Create(static (a, b) =>
        a.VirtualTime != b.VirtualTime ? a.VirtualTime.CompareTo(b.VirtualTime) : a.Number.CompareTo(b.Number)));

    private long _virtualTime;
    private long _created;

    public int Count { get; private set; }

    public int Tenants => _tenants.Count;

    /// <summary>Whether a tenant below its limit has a run that is ready.</summary>
    public bool HasTurn => _turns.Count > 0;

    public void Add(RunRecord run)
    {
        var tenant = Tenant(run);
        tenant.Add(run);
        Count++;
        Update(tenant);
    }

    public void Remove(RunRecord run)
    {
        var tenant = Tenant(run);
        tenant.Remove(run);
        Count--;
        Update(tenant);
    }

    /// <summary>Takes the next run whose agent has room and whose version is not above the given one, and counts it as running.</summary>
    public RunRecord? Take(Dictionary<string, int> room, int version, bool withSuspects)
    {
        foreach (var tenant in _turns)
        {
            if (tenant.Find(room, version, withSuspects) is { } run)
            {
                LeaveTurn(tenant);
                // A tenant that was passed over, since its agents had no room, gets no credit for that either.
                _virtualTime = Math.Max(_virtualTime, tenant.VirtualTime);
                tenant.VirtualTime = _virtualTime + CostOf(run);
                tenant.Remove(run);
                tenant.Running++;
                Count--;
                Update(tenant);
                return run;
            }
        }

        return null;
    }

    /// <summary>A run that was taken does not run any more.</summary>
    public void EndRunning(RunRecord run)
    {
        var tenant = Tenant(run);
        tenant.Running--;
        Update(tenant);
    }

    private static long CostOf(RunRecord run) => RunCost / run.Submission.Weight;

    private TenantQueue Tenant(RunRecord run)
    {
        if (!_tenants.TryGetValue(run.Tenant, out var tenant))
        {
            // Behind those whose turn it is: a tenant with one run at a time is forgotten after each, and would come first again and again.
            tenant = new TenantQueue(run.Tenant, ++_created) { VirtualTime = _virtualTime + CostOf(run) };
            _tenants.Add(run.Tenant, tenant);
        }

        return tenant;
    }

    private void Update(TenantQueue tenant)
    {
        var belongs = tenant.Count > 0 && (maxRunningPerTenant == 0 || tenant.Running < maxRunningPerTenant);
        if (belongs && !tenant.InTurn)
        {
            tenant.VirtualTime = Math.Max(tenant.VirtualTime, _virtualTime);
            tenant.InTurn = _turns.Add(tenant);
        }
        else if (!belongs)
        {
            LeaveTurn(tenant);
        }

        if (tenant.Count == 0 && tenant.Running == 0)
        {
            _tenants.Remove(tenant.Tenant);
        }
    }

    private void LeaveTurn(TenantQueue tenant)
    {
        if (tenant.InTurn)
        {
            _turns.Remove(tenant);
            tenant.InTurn = false;
        }
    }
}
