using AgentHosting.Compliance;
using System.Text.Json;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>Values at the edge of what scripts can hold: names with any character, numbers without end, more of a thing than fits.</summary>
public sealed class RedisRunStoreEdgeTests(SharedRedis redis)
{
    private const string AnyCharacter = "a:b\"c'd\\e\0f{g}\u00e9\U0001F600/%d%s \n\u007f\\";
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_NamesWithAnyCharacter_AreKept()
    {
        await using var store = Store();
        var id = await AcceptAsync(store, agent: AnyCharacter, tenant: AnyCharacter, session: AnyCharacter);
        var lease = (await ClaimAsync(store, AnyCharacter))[0].Lease;
        await store.OpenWaitAsync(lease, new RunWait { Key = AnyCharacter, RequestId = AnyCharacter, Kind = RunStepKind.Event, Name = AnyCharacter }, [], Token);
        await store.SuspendAsync(lease, new RunSuspension(), Token);

        Assert.Equal(RunAnswerOutcome.Accepted, await store.RaiseEventAsync(id, new RunSignal { Id = "", Name = AnyCharacter, Payload = "{}"u8.ToArray() }, Token));

        var claim = Assert.Single(await ClaimAsync(store, AnyCharacter));
        var step = Assert.Single(claim.Journal);
        Assert.Equal((AnyCharacter, AnyCharacter), (step.Key, step.Name));
        Assert.Equal((AnyCharacter, AnyCharacter), (claim.Run.SessionId, claim.Run.Identity.TenantId));
        var told = (await store.ReadEventsAsync(id, 0, 100, Token))!.Events.Single(static runEvent => runEvent.Type == AgentRunEventTypes.StepCompleted);
        Assert.Equal((AnyCharacter, AnyCharacter), (told.Step, told.Name));
    }

    [Fact]
    public async Task List_EmptyNames_AreNamesAndNotEverything()
    {
        await using var store = Store();
        await AcceptAsync(store);

        Assert.Empty((await store.ListAsync(new RunQuery { Agent = "" }, Token)).Runs);
        Assert.Empty((await store.ListAsync(new RunQuery { TenantId = "" }, Token)).Runs);
        Assert.Empty((await store.ListAsync(new RunQuery { UserId = "" }, Token)).Runs);
        Assert.Empty((await store.ListAsync(new RunQuery { SessionId = "" }, Token)).Runs);
    }

    [Fact]
    public async Task List_EmptySession_FindsItsRuns()
    {
        await using var store = Store();
        await AcceptAsync(store);
        var id = await AcceptAsync(store, session: "");

        Assert.Equal(id, Assert.Single((await store.ListAsync(new RunQuery { SessionId = "" }, Token)).Runs).Id);
    }

    [Fact]
    public async Task ReadEvents_AfterTheLargestNumber_IsAnEmptyPage()
    {
        await using var store = Store();
        var id = await AcceptAsync(store);

        var page = await store.ReadEventsAsync(id, long.MaxValue, int.MaxValue, Token);

        Assert.Empty(page!.Events);
        Assert.Equal(1, page.LastSequence);
    }

    [Fact]
    public async Task Append_TextWithoutStepBeyondTheLimit_IsFoldedWhole()
    {
        await using var store = Store(new RunStoreOptions { MaxEventsPerRun = 100 });
        var id = await AcceptAsync(store);
        var lease = (await ClaimAsync(store))[0].Lease;
        var events = new List<AgentRunEvent> { new() { Type = AgentRunEventTypes.TextDelta, Step = "1", Text = "x" } };
        events.AddRange(Enumerable.Range(0, 110).Select(static _ => new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Text = "y" }));

        await store.AppendEventsAsync(lease, 1, events, Token);

        var snapshot = (await store.ReadEventsAsync(id, 0, 1, Token))!.Events[0];
        Assert.Equal((13, null, new string('y', 10)), (snapshot.Sequence, snapshot.Step, snapshot.Text));
    }

    [Fact]
    public async Task Append_DeepArgumentsBeyondTheLimit_AreFolded()
    {
        await using var store = Store(new RunStoreOptions { MaxEventsPerRun = 100 });
        var id = await AcceptAsync(store);
        var lease = (await ClaimAsync(store))[0].Lease;
        using var deep = JsonDocument.Parse(new string('[', 1000) + new string(']', 1000), new() { MaxDepth = 1000 });
        var events = new List<AgentRunEvent> { new() { Type = AgentRunEventTypes.StepStarted, Step = "1", Name = "\"step\":\"2\"", Arguments = deep.RootElement } };
        events.AddRange(Enumerable.Range(0, 110).Select(static _ => new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Step = "1", Text = "\"text\":\"y\" \u00e9" }));

        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(lease, 1, events, Token));

        var page = (await store.ReadEventsAsync(id, 0, 1000, Token))!;
        Assert.Equal(113, page.LastSequence);
        Assert.Equal((13L, "1", string.Concat(Enumerable.Repeat("\"text\":\"y\" \u00e9", 10))), (page.Events[0].Sequence, page.Events[0].Step, page.Events[0].Text));
    }

    [Fact]
    public async Task WaitForEvents_SeveralWatchersOfOneRun_LeaveNoSubscriptionBehind()
    {
        var options = SharedRedis.NewOptions();
        await using var connection = redis.Connect(options: options);
        await using var store = Store(connection);
        var id = await AcceptAsync(store);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watchers = Enumerable.Range(0, 5).Select(_ => store.WaitForEventsAsync(id, 1, TimeSpan.FromMinutes(1), stop.Token).AsTask()).ToList();
        await WaitForAsync(async () => await SubscribersAsync(options, id) == 1);

        await store.CancelAsync(id, Token);
        await Task.WhenAll(watchers);

        await WaitForAsync(async () => await SubscribersAsync(options, id) == 0);
    }

    [Fact]
    public async Task Wait_ConnectionWithAChannelPrefix_IsWoken()
    {
        var options = SharedRedis.NewOptions();
        await using var connection = new RedisConnection(
            new RedisSource(ConfigurationOptions.Parse($"{redis.Endpoint},channelPrefix=app:")), Microsoft.Extensions.Options.Options.Create(options));
        await using var store = Store(connection);
        var id = await AcceptAsync(store);
        var waiting = store.WaitForEventsAsync(id, 1, TimeSpan.FromMinutes(5), Token).AsTask();
        await WaitForAsync(async () => await SubscribersAsync(options, id) == 1);

        await store.CancelAsync(id, Token);

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task PassOn_WaiterThatWasWoken_WakesTheNext()
    {
        var row = new WaiterRow();
        using var first = row.Join();
        using var second = row.Join();
        row.Wake(1);

        first.PassOn();

        await second.WaitAsync(TimeSpan.FromMinutes(1), _time, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.Fail("It was not so within 10 seconds.");
    }

    private static async Task<string> AcceptAsync(RedisRunStore store, string agent = "assistant", string? tenant = null, string? session = null)
    {
        var id = store.CreateRunId("ann");
        var submission = new RunSubmission
        {
            Id = id,
            Agent = agent,
            Message = "Hello",
            Identity = new AgentIdentity { UserId = "ann", TenantId = tenant },
            SessionId = session,
            ExpireAfter = TimeSpan.FromHours(1),
        };
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, Token)).Outcome);
        return id;
    }

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store, string agent = "assistant") => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", Agents = new Dictionary<string, int> { [agent] = 100 }, MaxRuns = 100, LeaseDuration = TimeSpan.FromMinutes(1) }, Token);

    private async Task<long> SubscribersAsync(RedisOptions options, string id)
    {
        var reply = (RedisResult[])(await redis.Multiplexer.GetDatabase().ExecuteAsync("PUBSUB", "NUMSUB", $"{{{options.KeyPrefix}:{options.Queue}:0}}:ev:{id}"))!;
        return (long)reply[1];
    }

    private RedisRunStore Store(RunStoreOptions? options = null) => Store(redis.Connect(_time), options);

    private static RedisRunStore Store(RedisConnection connection, RunStoreOptions? options = null) =>
        new(connection, Microsoft.Extensions.Options.Options.Create(options ?? new RunStoreOptions()), NullLogger<RedisRunStore>.Instance);
}
