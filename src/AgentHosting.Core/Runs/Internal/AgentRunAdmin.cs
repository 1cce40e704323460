using AgentHosting.Agents;

namespace AgentHosting.Runs.Internal;

internal sealed class AgentRunAdmin(IRunStore store, IAgentRegistry agents, TimeProvider timeProvider) : IAgentRunAdmin
{
    private const int EraseLimit = 100;
    private static readonly TimeSpan ErasePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EraseWait = TimeSpan.FromMinutes(1);

    public ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken = default) => store.ListAsync(query, cancellationToken);

    public async ValueTask<RunRequeueResult> RequeueAsync(string runId, bool keepJournal = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        if (await store.GetAsync(runId, cancellationToken) is not { } run)
        {
            return new RunRequeueResult { Outcome = RunRequeueOutcome.NotFound };
        }

        return await store.RequeueAsync(
            runId,
            new RunRequeue
            {
                NewRunId = store.CreateRunId(run.Identity.GetTenantOrUser()),
                KeepJournal = keepJournal,
                // An agent that this process does not have is one that other processes have.
                ExpireAfter = (agents.Find(run.Agent)?.Options ?? new AgentOptions()).ExpireAfter,
            },
            cancellationToken);
    }

    public ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken = default) => store.RemoveAsync(runId, cancellationToken);

    public async ValueTask<int> PurgeAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var removed = 0;
        for (var page = await store.ListAsync(query, cancellationToken); ; page = await store.ListAsync(query.From(page.Next), cancellationToken))
        {
            foreach (var run in page.Runs.Where(static run => run.Status.IsTerminal()))
            {
                removed += await store.RemoveAsync(run.Id, cancellationToken) == RunRemoveOutcome.Removed ? 1 : 0;
            }

            if (page.Next is null)
            {
                return removed;
            }
        }
    }

    public async ValueTask<UserErasure> EraseUserAsync(AgentIdentity user, TimeSpan? maxWait = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (string.IsNullOrWhiteSpace(user.UserId) || (user.TenantId is { } tenant && string.IsNullOrWhiteSpace(tenant)))
        {
            throw new ArgumentException($"The {(string.IsNullOrWhiteSpace(user.UserId) ? "user" : "tenant")} id is blank. Name the user, and the tenant or null for none.", nameof(user));
        }

        var started = timeProvider.GetTimestamp();
        var (runs, sessions) = (0, 0);
        while (true)
        {
            var step = await store.EraseUserAsync(user, EraseLimit, cancellationToken);
            runs += step.Runs;
            sessions += step.Sessions;
            var isStuck = step is { IsComplete: false, Runs: 0, Sessions: 0 };
            if (step.IsComplete || (isStuck && timeProvider.GetElapsedTime(started) >= (maxWait ?? EraseWait)))
            {
                return new UserErasure { Runs = runs, Sessions = sessions, Running = step.Running, IsComplete = step.IsComplete };
            }

            if (isStuck)
            {
                await Task.Delay(ErasePause, timeProvider, cancellationToken);
            }
        }
    }

    public ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default) => store.GetStatisticsAsync(cancellationToken);
}
