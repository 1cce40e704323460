using System.Globalization;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <summary>What every run store does. An implementation subclasses this with a few lines.</summary>
public abstract partial class RunStoreCompliance
{
    private const string Agent = "assistant";

    /// <summary>Long enough that nothing ends by itself while a test is slow.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    /// <summary>The time that short leases, delays and retentions last.</summary>
    protected static TimeSpan Unit { get; } = TimeSpan.FromSeconds(1);

    private static TimeSpan MoreThanUnit { get; } = Unit * 1.25;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract ValueTask<IRunStore> CreateStoreAsync(RunStoreOptions options);

    /// <summary>Whether tenants take turns within a shard, and shards in turn, so that shares are equal only within each.</summary>
    protected virtual bool IsSharded => false;

    /// <summary>How many bytes a payload takes in the store beyond its own.</summary>
    protected virtual int PayloadOverhead => 0;

    /// <summary>Lets the store's clock move on: at once where it can be moved, by waiting where it cannot.</summary>
    protected abstract ValueTask AdvanceAsync(TimeSpan time);

    private ValueTask<IRunStore> CreateStoreAsync() => CreateStoreAsync(new RunStoreOptions());

    private static RunSubmission Submission(
        IRunStore store,
        string user = "ann",
        string? tenant = null,
        string agent = Agent,
        string? session = null,
        SessionBusyPolicy onBusy = SessionBusyPolicy.Enqueue,
        int priority = 0,
        TimeSpan delay = default,
        TimeSpan? expireAfter = null,
        string? key = null,
        string fingerprint = "same",
        int weight = 1) => new()
        {
            Id = store.CreateRunId(tenant ?? user),
            Agent = agent,
            Message = "Hello",
            Identity = new AgentIdentity { UserId = user, TenantId = tenant },
            SessionId = session,
            OnBusy = onBusy,
            Priority = priority,
            Weight = weight,
            Delay = delay,
            ExpireAfter = expireAfter ?? Long,
            IdempotencyKey = key,
            Fingerprint = fingerprint,
        };

    private static async Task<string> AcceptAsync(IRunStore store, RunSubmission submission)
    {
        var result = await store.EnqueueAsync(submission, Token);
        Assert.Equal((RunEnqueueOutcome.Enqueued, submission.Id), (result.Outcome, result.RunId));
        return submission.Id;
    }

    private static Task<string> AcceptAsync(IRunStore store) => AcceptAsync(store, Submission(store));

    private static async Task<IReadOnlyList<ClaimedRun>> ClaimAsync(
        IRunStore store, int maxRuns, string worker = "w1", TimeSpan? lease = null, params (string Agent, int Room)[] agents) => await store.ClaimAsync(
        new RunClaimRequest
        {
            WorkerId = worker,
            MaxRuns = maxRuns,
            LeaseDuration = lease ?? Long,
            Agents = agents.Length == 0
                ? new Dictionary<string, int> { [Agent] = maxRuns }
                : agents.ToDictionary(entry => entry.Agent, entry => entry.Room),
        },
        Token);

    private static async Task<ClaimedRun> ClaimOneAsync(IRunStore store, string worker = "w1", TimeSpan? lease = null) =>
        Assert.Single(await ClaimAsync(store, 1, worker, lease));

    private static async Task AssertNothingToClaimAsync(IRunStore store) => Assert.Empty(await ClaimAsync(store, 10));

    private static async Task<RunWriteOutcome> SucceedAsync(IRunStore store, RunLease lease, string result = "done", string? turn = null) =>
        await store.CompleteAsync(lease, Success(result, turn), Token);

    private static RunCompletion Success(string result = "done", string? turn = null) => new()
    {
        Status = AgentRunStatus.Succeeded,
        Result = result,
        SessionMessages = turn is null ? default : System.Text.Encoding.UTF8.GetBytes(turn),
    };

    private static async Task<RunWriteOutcome> ReleaseAsync(IRunStore store, RunLease lease, bool failed, TimeSpan delay = default) =>
        await store.ReleaseAsync(lease, new RunRelease { Failed = failed, Delay = delay }, Token);

    private static async Task<AgentRun> GetAsync(IRunStore store, string runId)
    {
        var run = await store.GetAsync(runId, Token);
        Assert.NotNull(run);
        return run;
    }

    private static async Task<RunSweepResult> SweepAsync(IRunStore store, int maxCrashes = 5) =>
        await store.SweepAsync(new RunSweepRequest { MaxCrashes = maxCrashes }, Token);

    /// <summary>Lets the leases of one unit end and recovers their runs.</summary>
    private async Task<RunSweepResult> LoseLeasesAsync(IRunStore store, int maxCrashes = 5)
    {
        await AdvanceAsync(MoreThanUnit);
        return await SweepAsync(store, maxCrashes);
    }

    private static async Task<List<AgentRunEvent>> ReadAllAsync(IRunStore store, string runId, long after = 0, int pageSize = 1000)
    {
        var events = new List<AgentRunEvent>();
        while (true)
        {
            var page = await store.ReadEventsAsync(runId, after, pageSize, Token);
            Assert.NotNull(page);
            Assert.True(page.Events.Count <= pageSize);
            if (page.Events.Count == 0)
            {
                Assert.True(after >= page.LastSequence, $"Nothing after {after}, although the last event is {page.LastSequence}.");
                return events;
            }

            events.AddRange(page.Events);
            after = page.Events[^1].Sequence;
        }
    }

    private static async Task<string> EventTypesAsync(IRunStore store, string runId) =>
        string.Join(' ', (await ReadAllAsync(store, runId)).Select(runEvent => runEvent.Type));

    private static RunStep Step(string key, int attempt = 1, AgentRunUsage? usage = null, decimal? cost = null) => new()
    {
        Key = key,
        Kind = key.Contains('.', StringComparison.Ordinal) ? RunStepKind.Tool : RunStepKind.Model,
        Name = "step",
        Attempt = attempt,
        Usage = usage,
        Cost = cost,
        Duration = TimeSpan.FromMilliseconds(5),
        Payload = System.Text.Encoding.UTF8.GetBytes("payload " + key),
    };

    private static AgentRunEvent Event(string type, string step = "1", string? text = null) => new() { Type = type, Step = step, Text = text };

    private static AgentRunEvent Text(string text, string step = "1") => Event(AgentRunEventTypes.TextDelta, step, text);

    private static bool IsTerminalEvent(AgentRunEvent runEvent) => runEvent.Type is AgentRunEventTypes.RunCompleted
        or AgentRunEventTypes.RunFailed or AgentRunEventTypes.RunCancelled or AgentRunEventTypes.RunExpired;

    /// <summary>Fails the test instead of hanging it where a wake-up is lost.</summary>
    private static Task SoonAsync(Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

    private static Task SoonAsync(ValueTask task) => SoonAsync(task.AsTask());

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
