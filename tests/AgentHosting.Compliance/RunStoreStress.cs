using System.Collections.Concurrent;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <summary>Many callers of one store at once, with an oracle: what was acknowledged is compared with what the store says at the end.</summary>
internal sealed partial class RunStoreStress(
    IRunStore store, int seed, TimeSpan unit, Func<TimeSpan, ValueTask> advanceAsync, CancellationToken cancellationToken)
{
    private const int Enqueuers = 6;
    private const int Workers = 6;
    private const int RunsPerEnqueuer = 40;
    private const int MaxCrashes = 8;
    private readonly ConcurrentDictionary<string, RunTally> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string[]> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _ids = new();
    private readonly ConcurrentBag<Task> _watchers = [];
    private Exception? _failure;
    private volatile bool _allAccepted;
    private volatile bool _done;

    /// <summary>What went wrong first in one of the callers.</summary>
    public Exception? Failure => _failure is OperationCanceledException ? null : _failure;

    public async Task RunAsync()
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        failed.CancelAfter(TimeSpan.FromSeconds(300));
        var enqueuing = Task.WhenAll(Start(Enqueuers, EnqueueAsync, failed));
        var others = Task.WhenAll([.. Start(Workers, WorkAsync, failed), .. Start(2, CancelAsync, failed), .. Start(1, SweepAsync, failed)]);
        await enqueuing;
        _allAccepted = true;
        while (!others.IsCompleted)
        {
            // Nobody else moves the clock when the sweeper has left.
            await advanceAsync(_done ? unit : TimeSpan.Zero);
            await PauseAsync();
        }

        try
        {
            await others;
        }
        catch (OperationCanceledException) when (_failure is OperationCanceledException)
        {
            Assert.Fail(await DescribeUnfinishedAsync());
        }

        await Task.WhenAll(_watchers);
        foreach (var (id, tally) in _runs)
        {
            await CheckAsync(id, tally);
        }

        // A scenario in which these do not happen proves nothing.
        Assert.DoesNotContain(0, new[] { Sum(run => run.Failed), Sum(run => run.Drained), Sum(run => run.Completed), Sum(run => run.Abandoned) });
        var statistics = await store.GetStatisticsAsync(cancellationToken);
        Assert.Equal((0, 0, 0, _runs.Count), (statistics.Ready, statistics.Blocked, statistics.Running, statistics.Retained));
    }

    private int Sum(Func<RunTally, int> count) => _runs.Values.Sum(count);

    private async Task<string> DescribeUnfinishedAsync()
    {
        var load = await store.GetStatisticsAsync(cancellationToken);
        var unfinished = new List<string>();
        foreach (var id in _runs.Keys)
        {
            if (await store.GetAsync(id, cancellationToken) is { } run && !run.Status.IsTerminal())
            {
                unfinished.Add($"{id} of agent {run.Agent}, session {run.SessionId}: {run.Status}, attempts {run.Attempts}, crashes {run.Crashes}");
            }
        }

        return $"Not done in time: {load.Ready} ready, {load.Blocked} blocked, {load.Running} running, accepted all: {_allAccepted}, done: {_done}. "
            + string.Join("; ", unfinished.Take(10));
    }

    private List<Task> Start(int count, Func<int, Random, CancellationToken, Task> body, CancellationTokenSource failed)
    {
        var salt = body.Method.Name.Length;
        return [.. Enumerable.Range(0, count).Select(i => Task.Run(
            async () =>
            {
                try
                {
#pragma warning disable CA5394 // The seed is the point.
                    await body(i, new Random((seed * 1000) + (salt * 100) + i), failed.Token);
#pragma warning restore CA5394
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, exception, null);
                    // The others would wait for what does not come any more.
                    await failed.CancelAsync();
                    throw;
                }
            },
            cancellationToken))];
    }

    /// <summary>Each enqueuer is a user with sessions of its own, so that it knows their order.</summary>
    private async Task EnqueueAsync(int number, Random random, CancellationToken token)
    {
        var user = $"user{number}";
        for (var i = 0; i < RunsPerEnqueuer; i++)
        {
            var session = random.Next(3) == 0 ? null : $"s{random.Next(3)}";
            var submission = new RunSubmission
            {
                Id = store.CreateRunId(user),
                Agent = random.Next(4) == 0 ? "b" : "a",
                Message = "Hello",
                Identity = new AgentIdentity { UserId = user },
                SessionId = session,
                Priority = random.Next(10),
                Delay = random.Next(5) == 0 ? unit * random.NextDouble() : TimeSpan.Zero,
                ExpireAfter = random.Next(12) == 0 ? unit * 2 : unit * 1000,
                IdempotencyKey = random.Next(3) == 0 ? $"k{i}" : null,
            };
            _runs[submission.Id] = new RunTally();
            if (session is not null)
            {
                _sessions.AddOrUpdate($"{user}/{session}", [submission.Id], (_, earlier) => [.. earlier, submission.Id]);
            }

            Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, token)).Outcome);
            Assert.Equal((RunEnqueueOutcome.Replayed, submission.Id), await RepeatAsync(submission, token));
            _ids.Enqueue(submission.Id);
            if (random.Next(4) == 0)
            {
                _watchers.Add(Task.Run(() => WatchAsync(submission.Id, 1 + (i % 5)), token));
            }

            await Task.Yield();
        }
    }

    private async Task<(RunEnqueueOutcome Outcome, string? RunId)> RepeatAsync(RunSubmission submission, CancellationToken token)
    {
        var result = await store.EnqueueAsync(submission, token);
        return (result.Outcome, result.RunId);
    }

    private async Task CancelAsync(int number, Random random, CancellationToken token)
    {
        while (!_done)
        {
            if (_ids.TryDequeue(out var id) && random.Next(5) == 0)
            {
                var outcome = await store.CancelAsync(id, token);
                Assert.NotEqual(RunCancelOutcome.NotFound, outcome);
                if (outcome == RunCancelOutcome.Cancelled)
                {
                    Interlocked.Increment(ref _runs[id].Ends);
                }
            }
            else
            {
                await PauseAsync();
            }
        }
    }

    private async Task SweepAsync(int number, Random random, CancellationToken token)
    {
        while (!_done)
        {
            await advanceAsync(unit / 8);
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = MaxCrashes, Limit = 1 + random.Next(10) }, token);
            var load = await store.GetStatisticsAsync(token);
            _done = _allAccepted && load.Ready + load.Blocked + load.Running == 0;
            await PauseAsync();
        }
    }

    /// <summary>Lets the others go on. The length does not matter.</summary>
    private Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);

    private async Task WatchAsync(string id, int pageSize)
    {
        var (next, isTerminal) = (1L, false);
        while (!isTerminal)
        {
            var page = await store.ReadEventsAsync(id, next - 1, pageSize, cancellationToken);
            Assert.NotNull(page);
            foreach (var runEvent in page.Events)
            {
                Assert.Equal(next++, runEvent.Sequence);
            }

            isTerminal = page.IsTerminal && next > page.LastSequence;
            if (page.Events.Count == 0 && !isTerminal)
            {
                await store.WaitForEventsAsync(id, next - 1, unit * 1000, cancellationToken);
            }
        }
    }
}
