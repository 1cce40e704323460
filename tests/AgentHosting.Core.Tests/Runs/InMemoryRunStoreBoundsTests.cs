using AgentHosting.Compliance;
using System.Collections;
using System.Reflection;
using AgentHosting.Diagnostics;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal.InMemory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>What only the store in memory promises: that it does not grow.</summary>
public sealed class InMemoryRunStoreBoundsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger<InMemoryRunStore> _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EndedRuns_BeyondTheLimit_OldestEndGoesFirst()
    {
        var store = Create(new RunStoreOptions { MaxRetainedRuns = 3 });
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add(await EnqueueAsync(store));
        }

        ids.Reverse();
        foreach (var id in ids)
        {
            await store.CancelAsync(id, Token);
            Assert.NotNull(await store.GetAsync(id, Token));
        }

        var kept = await Task.WhenAll(ids.Select(async id => await store.GetAsync(id, Token) is not null));
        Assert.Equal([false, false, false, true, true, true], kept);
        Assert.Equal(3, (await store.GetStatisticsAsync(Token)).Retained);
    }

    [Fact]
    public async Task EndedRun_IsPushedOut_WakesItsWatchers()
    {
        var store = Create(new RunStoreOptions { MaxRetainedRuns = 1 });
        var first = await EnqueueAsync(store);
        var second = await EnqueueAsync(store);
        var waiting = store.WaitForEventsAsync(first, 1, TimeSpan.FromHours(1), Token).AsTask();
        await store.CancelAsync(first, Token);
        await store.CancelAsync(second, Token);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

        Assert.Null(await store.GetAsync(first, Token));
    }

    [Fact]
    public async Task Sessions_BeyondTheLimit_IdleForLongestGoFirst()
    {
        var store = Create(new RunStoreOptions { MaxSessions = 2 });
        foreach (var session in new[] { "a", "b", "a", "c" })
        {
            await TakeTurnAsync(store, session);
        }

        var kept = await Task.WhenAll(new[] { "a", "b", "c" }.Select(
            async session => await store.GetSessionAsync(AgentIdentity.Anonymous, session, Token) is not null));
        Assert.Equal([true, false, true], kept);
    }

    [Fact]
    public async Task Sessions_WithUnfinishedRuns_StayBeyondTheLimit()
    {
        var store = Create(new RunStoreOptions { MaxSessions = 1 });
        await TakeTurnAsync(store, "a");
        await EnqueueAsync(store, "a");
        await ClaimAsync(store);
        await TakeTurnAsync(store, "b");

        Assert.NotNull(await store.GetSessionAsync(AgentIdentity.Anonymous, "a", Token));
    }

    [Fact]
    public async Task IdempotencyKeys_BeyondTheLimit_OldestGoFirst()
    {
        var store = Create(new RunStoreOptions { MaxIdempotencyKeys = 2 });
        foreach (var key in new[] { "a", "b", "c" })
        {
            await EnqueueAsync(store, key: key);
        }

        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(Submission(store, key: "c"), Token)).Outcome);
        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(Submission(store, key: "b"), Token)).Outcome);
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(Submission(store, key: "a"), Token)).Outcome);
    }

    [Fact]
    public async Task Everything_IsSweptAfterItsRetention_LeavesNothingBehind()
    {
        var store = Create(new RunStoreOptions { MaxRunningPerTenant = 50 });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = new List<Task> { store.WaitForWorkAsync(TimeSpan.FromDays(300), leaving.Token).AsTask() };
        for (var i = 0; i < 40; i++)
        {
            var id = await EnqueueAsync(store, $"s{i % 7}", $"k{i}", $"user{i % 5}", i % 4 == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            waiting.Add(store.WaitForEventsAsync(id, 100, TimeSpan.FromDays(300), leaving.Token).AsTask());
        }

        var subscription = store.SubscribeCancellations(static _ => { });
        for (var round = 0; round < 4; round++)
        {
            foreach (var (index, claim) in (await ClaimAsync(store)).Index())
            {
                await EndAsync(store, claim.Lease, (index + round) % 4);
            }

            _time.Advance(TimeSpan.FromMinutes(1));
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = 1 }, Token);
        }

        Assert.NotEqual(0, Sizes(store).Sum(size => size.Count));
        await leaving.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(static _ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        subscription.Dispose();
        foreach (var time in new[] { TimeSpan.FromHours(2), TimeSpan.FromHours(2), TimeSpan.FromDays(2), TimeSpan.FromDays(40) })
        {
            _time.Advance(time);
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = 0 }, Token);
        }

        Assert.All(Sizes(store), size => Assert.Equal((size.Field, 0), size));
        var statistics = await store.GetStatisticsAsync(Token);
        Assert.Equal((0, 0, 0, 0), (statistics.Ready, statistics.Blocked, statistics.Running, statistics.Retained));
    }

    [Fact]
    public async Task Waiters_AreCancelledOrTimeOut_AreForgotten()
    {
        var store = Create(new RunStoreOptions());
        var id = await EnqueueAsync(store, delay: TimeSpan.FromHours(1));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = new List<Task>();
        for (var i = 0; i < 20; i++)
        {
            var token = i % 2 == 0 ? leaving.Token : Token;
            waiting.Add(store.WaitForEventsAsync(id, 1, TimeSpan.FromMinutes(1), token).AsTask());
            waiting.Add(store.WaitForWorkAsync(TimeSpan.FromMinutes(1), token).AsTask());
        }

        Assert.Equal((20, 1), (Field<Signal>(store, "_work").Waiters, Count(store, "_watchers")));
        await leaving.CancelAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        await Task.WhenAll(waiting).ContinueWith(static _ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);

        Assert.Equal(20, waiting.Count(task => task.IsCanceled));
        Assert.Equal((0, 0), (Field<Signal>(store, "_work").Waiters, Count(store, "_watchers")));
    }

    [Fact]
    public async Task WaitForWork_OnlyRunsOfATenantAtItsLimit_DoesNotReturnAtOnce()
    {
        var store = Create(new RunStoreOptions { MaxRunningPerTenant = 1 });
        await EnqueueAsync(store);
        await EnqueueAsync(store);
        await ClaimAsync(store);
        var waiting = store.WaitForWorkAsync(TimeSpan.FromMinutes(1), Token).AsTask();

        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(2));
        await waiting;
    }

    [Fact]
    public async Task WaitForWork_DelayEndsWithinAMillisecond_WaitsForIt()
    {
        var store = Create(new RunStoreOptions());
        await EnqueueAsync(store, delay: TimeSpan.FromMicroseconds(300));
        var waiting = store.WaitForWorkAsync(TimeSpan.FromMinutes(1), Token).AsTask();

        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }

    [Fact]
    public async Task CancellationSubscriber_Throws_IsLogged()
    {
        var store = Create(new RunStoreOptions());
        var logged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var throwing = store.SubscribeCancellations(_ =>
        {
            logged.TrySetResult();
            throw new InvalidOperationException("A subscriber that throws.");
        });
        var id = await EnqueueAsync(store);
        await ClaimAsync(store);
        await store.CancelAsync(id, Token);
        await logged.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        for (var i = 0; i < 1000 && _logger.Collector.Count == 0; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }

        var record = _logger.LatestRecord;
        Assert.Equal((EventIds.RunCancellationCallbackFailed, LogLevel.Error), (record.Id.Id, record.Level));
        Assert.Contains(id, record.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(record.Exception);
    }

    private static async Task EndAsync(InMemoryRunStore store, RunLease lease, int how)
    {
        switch (how)
        {
            case 0:
                await store.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Succeeded, SessionMessages = new byte[] { 1 } }, Token);
                break;
            case 1:
                await store.ReleaseAsync(lease, new RunRelease { Failed = true, Delay = TimeSpan.FromSeconds(5) }, Token);
                break;
            case 2:
                await store.CancelAsync(lease.RunId, Token);
                break;
            default:
                break;
        }
    }

    private InMemoryRunStore Create(RunStoreOptions options) => new(Options.Create(options), _time, _logger);

    private static RunSubmission Submission(
        InMemoryRunStore store, string? session = null, string? key = null, string user = AgentIdentity.AnonymousUserId, TimeSpan delay = default) => new()
        {
            Id = store.CreateRunId(user),
            Agent = "assistant",
            Message = "Hello",
            Identity = new AgentIdentity { UserId = user },
            SessionId = session,
            IdempotencyKey = key,
            Delay = delay,
            ExpireAfter = TimeSpan.FromHours(1),
        };

    private static async Task<string> EnqueueAsync(
        InMemoryRunStore store, string? session = null, string? key = null, string user = AgentIdentity.AnonymousUserId, TimeSpan delay = default)
    {
        var submission = Submission(store, session, key, user, delay);
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, Token)).Outcome);
        return submission.Id;
    }

    private static async Task TakeTurnAsync(InMemoryRunStore store, string session)
    {
        await EnqueueAsync(store, session);
        var claim = Assert.Single(await ClaimAsync(store));
        await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, SessionMessages = new byte[] { 1 } }, Token);
    }

    private static async Task<IReadOnlyList<ClaimedRun>> ClaimAsync(InMemoryRunStore store) => await store.ClaimAsync(
        new RunClaimRequest
        {
            WorkerId = "w",
            MaxRuns = 100,
            Agents = new Dictionary<string, int> { ["assistant"] = 100 },
            LeaseDuration = TimeSpan.FromSeconds(30),
        },
        Token);

    /// <summary>Every collection that the store holds, also those that are added later.</summary>
    private static List<(string Field, int Count)> Sizes(InMemoryRunStore store) =>
        [.. Fields().Where(field => field.FieldType != typeof(RunStoreOptions)).Select(field => (field.Name, SizeOf(field.GetValue(store)!)))
            .Where(size => size.Item2 >= 0)];

    private static int SizeOf(object value) => value switch
    {
        ICollection collection => collection.Count,
        FairQueue queue => queue.Count + queue.Tenants,
        Signal signal => signal.Waiters,
        CancellationSubscribers subscribers => subscribers.Count,
        _ when value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(TimeIndex<>) =>
            (int)type.GetProperty(nameof(TimeIndex<object>.Count))!.GetValue(value)!,
        _ => -1,
    };

    private static int Count(InMemoryRunStore store, string field) => Field<ICollection>(store, field).Count;

    private static T Field<T>(InMemoryRunStore store, string name) => (T)Fields().Single(field => field.Name == name).GetValue(store)!;

    private static FieldInfo[] Fields() => typeof(InMemoryRunStore).GetFields(BindingFlags.Instance | BindingFlags.NonPublic);
}
