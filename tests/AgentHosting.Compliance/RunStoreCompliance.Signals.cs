using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Runs that wait for a time or for an event from outside.</content>
public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Raise_RunWaits_AnswersAndItIsReady()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        Assert.Equal((RunWriteOutcome.Committed, null), await OpenEventAsync(store, claim.Lease, 1));
        await SuspendAsync(store, claim.Lease);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "other", "x"));
        await AssertNothingToClaimAsync(store);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1"));

        var again = await ClaimOneAsync(store);
        var step = Assert.Single(again.Journal);
        Assert.Equal(("e1", RunStepKind.Event, "paid", "p1"), (step.Key, step.Kind, step.Name, Encoding.UTF8.GetString(step.Payload.Span)));
        Assert.Empty(again.Run.Waits);
        await SucceedAsync(store, again.Lease);
        Assert.Equal("run.queued run.started step.started run.waiting step.completed run.started run.completed", await EventTypesAsync(store, id));
    }

    [Fact]
    public async Task Raise_BeforeTheRunWaits_IsKeptForIt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1"));
        var claim = await ClaimOneAsync(store);
        Assert.Empty(claim.Journal);

        Assert.Equal((RunWriteOutcome.Committed, "p1"), await OpenEventAsync(store, claim.Lease, 1));
        Assert.Equal((RunWriteOutcome.AlreadyCommitted, "p1"), await OpenEventAsync(store, claim.Lease, 1));
        Assert.Equal((RunWriteOutcome.Committed, null), await OpenEventAsync(store, claim.Lease, 2));
        // The attempt knows the first answer, so that the second is what it waits for.
        await SuspendAsync(store, claim.Lease);
        Assert.Equal(AgentRunStatus.Waiting, (await GetAsync(store, id)).Status);
    }

    [Fact]
    public async Task Raise_BetweenTheWaitAndTheSuspension_IsNotLost()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenEventAsync(store, claim.Lease, 1);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1"));
        await SuspendAsync(store, claim.Lease);

        Assert.Equal("p1", PayloadOf(Assert.Single((await ClaimOneAsync(store)).Journal)));
    }

    [Fact]
    public async Task Raise_MoreBytesThanAreKept_IsFullUntilOneIsTaken()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var half = new string('x', 600_000);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", half));
        Assert.Equal(RunAnswerOutcome.Full, await RaiseAsync(store, id, "paid", half));
        await OpenEventAsync(store, (await ClaimOneAsync(store)).Lease, 1);

        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", half));
    }

    [Fact]
    public async Task Raise_TwoOfOneName_GoInTheirOrder()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        await RaiseAsync(store, id, "paid", "p1");
        await RaiseAsync(store, id, "paid", "p2");
        var claim = await ClaimOneAsync(store);
        Assert.Equal("p1", (await OpenEventAsync(store, claim.Lease, 1)).Answer);
        Assert.Equal("p2", (await OpenEventAsync(store, claim.Lease, 2)).Answer);
        await OpenEventAsync(store, claim.Lease, 3);
        await OpenEventAsync(store, claim.Lease, 4);
        await RaiseAsync(store, id, "paid", "p3");
        await RaiseAsync(store, id, "paid", "p4");
        await SuspendAsync(store, claim.Lease);

        Assert.Equal(["e1 p1", "e2 p2", "e3 p3", "e4 p4"], (await ClaimOneAsync(store)).Journal.Select(static step => $"{step.Key} {PayloadOf(step)}"));
    }

    [Fact]
    public async Task Raise_SameIdTwice_CountsOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1", "i1"));
        Assert.Equal(RunAnswerOutcome.Repeated, await RaiseAsync(store, id, "paid", "p2", "i1"));
        var claim = await ClaimOneAsync(store);
        await OpenEventAsync(store, claim.Lease, 1);
        Assert.Equal(RunAnswerOutcome.Repeated, await RaiseAsync(store, id, "paid", "p1", "i1"));

        Assert.Equal((RunWriteOutcome.Committed, null), await OpenEventAsync(store, claim.Lease, 2));
        await store.CompleteAsync(claim.Lease, Success(), Token);
        Assert.Equal(RunAnswerOutcome.Repeated, await RaiseAsync(store, id, "paid", "p1", "i1"));
    }

    [Fact]
    public async Task Raise_UnknownEndedAndFull_AreSaid()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        Assert.Equal(RunAnswerOutcome.NotFound, await RaiseAsync(store, "run_0_unknown", "paid", "p"));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", Text(i)));
        }

        Assert.Equal(RunAnswerOutcome.Full, await RaiseAsync(store, id, "paid", "p", "late"));
        var claim = await ClaimOneAsync(store);
        Assert.Equal("0", (await OpenEventAsync(store, claim.Lease, 1)).Answer);
        // What was refused was not counted under its id.
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p", "late"));
        await SucceedAsync(store, claim.Lease);
        Assert.Equal(RunAnswerOutcome.Ended, await RaiseAsync(store, id, "paid", "p"));
    }

    [Fact]
    public async Task Raise_ManyAtOnceWithEqualIds_EachIdIsJournaledOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        for (var i = 1; i <= 8; i++)
        {
            await OpenEventAsync(store, claim.Lease, i);
        }

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await RaiseAsync(store, id, "paid", Text(i % 8), Text(i % 8)))));
        await SuspendAsync(store, claim.Lease);

        Assert.Equal((8, 24), (outcomes.Count(static outcome => outcome == RunAnswerOutcome.Accepted), outcomes.Count(static outcome => outcome == RunAnswerOutcome.Repeated)));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], (await ClaimOneAsync(store)).Journal.Select(PayloadOf).Order());
    }

    [Fact]
    public async Task Wait_TimesWithEvents_FirstOfBothHolds()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenEventAsync(store, claim.Lease, 1, Unit);
        await SuspendAsync(store, claim.Lease);
        await AdvanceAsync(MoreThanUnit);
        // Nobody claimed or swept meanwhile, and the event comes after the time all the same: it is kept for the next wait.
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1"));
        var again = await ClaimOneAsync(store);
        Assert.Equal("late", PayloadOf(Assert.Single(again.Journal)));

        Assert.Equal("p1", (await OpenEventAsync(store, again.Lease, 2, Unit)).Answer);
    }

    [Fact]
    public async Task Timer_IsUp_SweepAndStatisticsMakeItReady()
    {
        foreach (var sweep in (bool[])[true, false])
        {
            var store = await CreateStoreAsync();
            var id = await AcceptAsync(store);
            var claim = await ClaimOneAsync(store);
            await store.OpenWaitAsync(claim.Lease, Timer(Unit), [], Token);
            await SuspendAsync(store, claim.Lease);
            Assert.Equal(AgentRunStatus.Waiting, (await GetAsync(store, id)).Status);
            await AdvanceAsync(MoreThanUnit);
            if (sweep)
            {
                await SweepAsync(store);
            }
            else
            {
                Assert.Equal((0, 1), ((await store.GetStatisticsAsync(Token)).Waiting, (await store.GetStatisticsAsync(Token)).Ready));
            }

            Assert.Equal(AgentRunStatus.Queued, (await GetAsync(store, id)).Status);
        }
    }

    [Fact]
    public async Task Timer_OfManyTimesTheExpiry_HoldsNothingAndDoesNotAge()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1 });
        var id = await AcceptAsync(store, Submission(store, expireAfter: Unit * 4));
        var claim = await ClaimOneAsync(store);
        await store.OpenWaitAsync(claim.Lease, Timer(Unit * 6), [], Token);
        await SuspendAsync(store, claim.Lease);
        await AdvanceAsync(Unit * 5);
        await SweepAsync(store);
        var statistics = await store.GetStatisticsAsync(Token);
        Assert.Equal((1, 0, 0), (statistics.Waiting, statistics.Running, statistics.Ready));
        await AcceptAsync(store);
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        await AdvanceAsync(Unit * 1.5);

        var again = await ClaimOneAsync(store);
        Assert.Equal((id, 1), (again.Run.Id, again.Lease.Attempt));
        Assert.True(again.Run.ExpiresAt > claim.Run.ExpiresAt, "It aged while it waited.");
    }

    [Fact]
    public async Task Wait_AfterTheLeaseWasLost_OpensNothing()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var lost = await ClaimOneAsync(store, lease: Unit);
        await LoseLeasesAsync(store);
        var claim = await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.LeaseLost, (await OpenEventAsync(store, lost.Lease, 1)).Outcome);
        Assert.Equal(RunWriteOutcome.LeaseLost, await SuspendAsync(store, lost.Lease));
        Assert.Empty((await GetAsync(store, id)).Waits);
        Assert.Equal(RunWriteOutcome.Committed, await SuspendAsync(store, claim.Lease));
    }

    [Fact]
    public async Task Suspend_StepBegun_IsNotUnfinishedForTheNextAttempt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await store.AppendEventsAsync(claim.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "1.0" }], Token);
        await OpenEventAsync(store, claim.Lease, 1);
        await SuspendAsync(store, claim.Lease);
        await RaiseAsync(store, id, "paid", "p");

        Assert.Empty((await ClaimOneAsync(store)).UnfinishedSteps);
    }

    [Fact]
    public async Task Suspend_StepBegunByALostAttempt_StaysUnfinished()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var lost = await ClaimOneAsync(store, lease: Unit);
        await store.AppendEventsAsync(lost.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "1.0", HasEffects = true }], Token);
        await LoseLeasesAsync(store);
        var claim = await ClaimOneAsync(store);
        await store.AppendEventsAsync(claim.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "1.1" }], Token);
        await OpenEventAsync(store, claim.Lease, 1);
        await SuspendAsync(store, claim.Lease);
        await RaiseAsync(store, id, "paid", "p");

        Assert.Equal("1.0", Assert.Single((await ClaimOneAsync(store)).UnfinishedSteps));
    }

    [Fact]
    public async Task Requeue_EventRaisedBeforeTheRunFailed_IsKeptForTheNext()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        Assert.Equal(RunAnswerOutcome.Accepted, await RaiseAsync(store, id, "paid", "p1", "e"));
        await FailAsync(store, (await ClaimOneAsync(store)).Lease);
        var next = store.CreateRunId("ann");
        await store.RequeueAsync(id, new RunRequeue { NewRunId = next, ExpireAfter = Long }, Token);
        Assert.Equal(RunAnswerOutcome.Repeated, await RaiseAsync(store, next, "paid", "p1", "e"));
        var claim = await ClaimOneAsync(store);

        Assert.Equal((RunWriteOutcome.Committed, "p1"), await OpenEventAsync(store, claim.Lease, 1));
        Assert.Equal((RunWriteOutcome.Committed, null), await OpenEventAsync(store, claim.Lease, 2));
    }

    private static string PayloadOf(RunStep step) => Encoding.UTF8.GetString(step.Payload.Span);

    private static RunWait Timer(TimeSpan time) => new()
    {
        Key = "t1",
        RequestId = "wait_t1",
        Kind = RunStepKind.Timer,
        Name = "delay",
        Timeout = time,
        AnswerWhenDue = AnswerOf("late"),
    };

    private static async Task<(RunWriteOutcome Outcome, string? Answer)> OpenEventAsync(IRunStore store, RunLease lease, int number, TimeSpan? timeout = null)
    {
        var result = await store.OpenWaitAsync(
            lease,
            new RunWait
            {
                Key = "e" + Text(number),
                RequestId = "wait_e" + Text(number),
                Kind = RunStepKind.Event,
                Name = "paid",
                Timeout = timeout,
                AnswerWhenDue = timeout is null ? null : AnswerOf("late"),
            },
            [Event(AgentRunEventTypes.StepStarted)],
            Token);
        return (result.Outcome, result.Answer is { } answer ? PayloadOf(answer) : null);
    }

    private static ValueTask<RunAnswerOutcome> RaiseAsync(IRunStore store, string runId, string name, string payload, string? id = null) =>
        store.RaiseEventAsync(runId, new RunSignal { Name = name, Id = id, Payload = Encoding.UTF8.GetBytes(payload) }, Token);
}
