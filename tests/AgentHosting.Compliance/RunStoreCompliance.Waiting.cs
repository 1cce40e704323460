using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task WaitForWork_RunIsReadyAlready_ReturnsAtOnce()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);

        await SoonAsync(store.WaitForWorkAsync(Long, Token));
    }

    [Fact]
    public async Task WaitForWork_NothingComes_ReturnsAfterTheLongestWait()
    {
        var store = await CreateStoreAsync();
        await store.WaitForWorkAsync(TimeSpan.Zero, Token);
        var waiting = store.WaitForWorkAsync(Unit, Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await AdvanceAsync(MoreThanUnit);

        await SoonAsync(waiting);
    }

    [Fact]
    public async Task WaitForWork_LongestWaitBeyondWhatTimersTake_Waits()
    {
        var store = await CreateStoreAsync();
        var waiting = store.WaitForWorkAsync(TimeSpan.MaxValue, Token).AsTask();
        await AcceptAsync(store);

        await SoonAsync(waiting);
    }

    [Fact]
    public async Task WaitForWork_IsCancelled_Throws()
    {
        var store = await CreateStoreAsync();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = store.WaitForWorkAsync(Long, source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SoonAsync(waiting));
    }

    [Fact]
    public async Task WaitForWork_AHundredRacesWithAnEnqueue_NeverSleepsThrough()
    {
        var store = await CreateStoreAsync();
        for (var round = 0; round < 100; round++)
        {
            var waiting = Task.Run(async () => await store.WaitForWorkAsync(Long, Token), Token);
            await AcceptAsync(store);
            await SoonAsync(waiting);
            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        }
    }

    [Fact]
    public async Task WaitForWork_WaiterThatGoesAwayAtTheSameTime_DoesNotTakeTheWakeWithIt()
    {
        var store = await CreateStoreAsync();
        for (var round = 0; round < 200; round++)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var first = store.WaitForWorkAsync(Long, leaving.Token).AsTask();
            var second = store.WaitForWorkAsync(Long, Token).AsTask();
            var submission = Submission(store);
            if (round % 2 == 0)
            {
                // Right after the wake, before the waiter has come to itself.
                await store.EnqueueAsync(submission, Token);
                leaving.Cancel();
            }
            else
            {
                await Task.WhenAll(Task.Run(leaving.Cancel, Token), AcceptAsync(store, submission));
            }

            await first.ContinueWith(static _ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
            if (first.IsCanceled)
            {
                await SoonAsync(second);
            }

            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
            await AcceptAsync(store);
            await SoonAsync(second);
            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WaitForWork_DelayedRunIsDue_Returns(bool enqueuedBefore)
    {
        var store = await CreateStoreAsync();
        if (enqueuedBefore)
        {
            await AcceptAsync(store, Submission(store, delay: Unit));
        }

        var waiting = WaitUntilThereIsARunAsync();
        if (!enqueuedBefore)
        {
            await AcceptAsync(store, Submission(store, delay: Unit));
        }

        await AdvanceAsync(MoreThanUnit);

        await SoonAsync(waiting);

        async Task WaitUntilThereIsARunAsync()
        {
            while ((await ClaimAsync(store, 1)).Count == 0)
            {
                await store.WaitForWorkAsync(Long, Token);
            }
        }
    }

    [Fact]
    public async Task WaitForWork_SessionsNextRunOrReleasedRunIsReady_Returns()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        var waiting = store.WaitForWorkAsync(Long, Token).AsTask();
        await SucceedAsync(store, claim.Lease);
        await SoonAsync(waiting);

        claim = await ClaimOneAsync(store, lease: Unit);
        waiting = store.WaitForWorkAsync(Long, Token).AsTask();
        await ReleaseAsync(store, claim.Lease, failed: true);
        await SoonAsync(waiting);

        await ClaimOneAsync(store, lease: Unit);
        waiting = store.WaitForWorkAsync(Long, Token).AsTask();
        await LoseLeasesAsync(store);
        await SoonAsync(waiting);
    }

    [Fact]
    public async Task WaitForWork_TenantIsBelowItsLimitAgain_Returns()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1 });
        await AcceptAsync(store);
        await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        var waiting = store.WaitForWorkAsync(Long, Token).AsTask();
        await SucceedAsync(store, claim.Lease);

        await SoonAsync(waiting);
        await ClaimOneAsync(store);
    }

    [Fact]
    public async Task WaitForEvents_UnknownOrEndedRunOrEarlierEvents_ReturnsAtOnce()
    {
        var store = await CreateStoreAsync();
        await SoonAsync(store.WaitForEventsAsync(store.CreateRunId("ann"), 0, Long, Token));
        var id = await AcceptAsync(store);
        await SoonAsync(store.WaitForEventsAsync(id, 0, Long, Token));
        await store.CancelAsync(id, Token);
        await SoonAsync(store.WaitForEventsAsync(id, 2, Long, Token));
    }

    [Fact]
    public async Task WaitForEvents_NothingComes_ReturnsAfterTheLongestWaitOrThrowsWhenCancelled()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = store.WaitForEventsAsync(id, 1, Unit, Token).AsTask();
        var cancelled = store.WaitForEventsAsync(id, 1, Long, source.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await AdvanceAsync(MoreThanUnit);
        await SoonAsync(waiting);
        Assert.False(cancelled.IsCompleted);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SoonAsync(cancelled));
    }

    [Fact]
    public async Task WaitForEvents_AHundredRacesWithAnAppend_NeverSleepsThrough()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        for (var batch = 1; batch <= 100; batch++)
        {
            var after = (await store.ReadEventsAsync(id, 0, 1, Token))!.LastSequence;
            var waiting = Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await store.WaitForEventsAsync(id, after, Long, Token), Token)).ToList();
            await store.AppendEventsAsync(claim.Lease, batch, [Text("x")], Token);
            await SoonAsync(Task.WhenAll(waiting));
        }

        var last = store.WaitForEventsAsync(id, 102, Long, Token).AsTask();
        Assert.False(last.IsCompleted);
        await SucceedAsync(store, claim.Lease);
        await SoonAsync(last);
    }
}
