using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>What operators and the janitor do.</content>
internal sealed partial class RedisRunStore
{
    // What holds the server up for some milliseconds.
    private const int MaxErased = 256;

    public async ValueTask<RunSweepResult> SweepAsync(RunSweepRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var replies = await Task.WhenAll(_partitions.All.Select(partition => SweepAsync(partition, request, cancellationToken)));
        return new RunSweepResult
        {
            Recovered = (int)Sum(replies, 0),
            Failed = (int)Sum(replies, 1),
            Cancelled = (int)Sum(replies, 2),
            Expired = (int)Sum(replies, 3),
            Removed = (int)Sum(replies, 4),
        };
    }

    private async Task<RedisResult> SweepAsync(int partition, RunSweepRequest request, CancellationToken cancellationToken)
    {
        var error = new AgentRunError
        {
            Code = AgentRunErrorCodes.CrashLimit,
            Message = string.Create(CultureInfo.InvariantCulture, $"%d workers were lost while they held the run, more than the {request.MaxCrashes} allowed."),
        };
        var clock = _serverClocks.Length > 0 ? _serverClocks[partition] : null;
        var lease = _longestLease > TimeSpan.Zero ? _longestLease : UsualLease;
        // A jump that is shorter ends no lease: of one that is renewed in time two thirds are left. A clock of tests alone may be moved at will.
        var tolerance = clock is null ? TimeSpan.MaxValue : lease / 2;
        var expected = clock?.Expected();
        var (ranOn, sinceItBegan) = clock is null ? (TimeSpan.MaxValue, false) : (clock.RanOn, !clock.WasSetForward);
        if (_connection.SinceBreak is { } sinceBreak && sinceBreak < ranOn)
        {
            // Every lease looks as if its worker were lost, as after a clock that was set forward.
            (ranOn, sinceItBegan) = (sinceBreak, false);
        }

        var reply = await EvaluateAsync(
            partition,
            RunScripts.Sweep,
            cancellationToken,
            request.MaxCrashes,
            request.Limit,
            JsonSerializer.SerializeToUtf8Bytes(error, StoredRunJson.Default.AgentRunError),
            RedisTime.Of(ranOn),
            RunArguments.Flag(sinceItBegan),
            expected ?? RedisValue.EmptyString,
            RedisTime.Of(tolerance),
            clock?.TimesSetBack ?? RedisValue.EmptyString);
        var items = RunReplies.Items(reply);
        clock?.Note((long)items[5], wasSetForward: (int)items[6] == 1, timesSetBack: (long)items[7]);
        return reply;
    }

    public async ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken)
    {
        var replies = await EvaluateOnAllAsync(RunScripts.Statistics, cancellationToken);
        return new RunStoreStatistics
        {
            Ready = Sum(replies, 0),
            Blocked = Sum(replies, 1),
            Waiting = Sum(replies, 2),
            Running = Sum(replies, 3),
            Retained = Sum(replies, 4),
            DeadLetters = Sum(replies, 5),
            UnfinishedBytes = Sum(replies, 7),
            OldestReadyAge = RedisTime.ToSpan(replies.Max(static reply => (long)RunReplies.Items(reply)[6])),
        };
    }

    public async ValueTask<RunRequeueResult> RequeueAsync(string runId, RunRequeue requeue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requeue);
        var reply = RunReplies.Items(await RefuseWhenFullAsync(
            _partitions.OfRun(runId), RunScripts.Requeue, cancellationToken, runId, requeue.NewRunId, RunArguments.Flag(requeue.KeepJournal), RedisTime.Of(requeue.ExpireAfter)));
        return (int)reply[0] < 0
            ? throw new ArgumentException($"There is a run of the id '{requeue.NewRunId}'. Use a new one of CreateRunId.", nameof(requeue))
            : new RunRequeueResult { Outcome = (RunRequeueOutcome)(int)reply[0], RunId = RunReplies.TextOrNull(reply[1]) };
    }

    public async ValueTask<UserErasure> EraseUserAsync(AgentIdentity user, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var reply = RunReplies.Items(await DurablyAsync(PartitionOf(user), RunScripts.EraseUser, cancellationToken, OwnerKey(user), Math.Min(limit, MaxErased)));
        return new UserErasure { Runs = (int)reply[0], Sessions = (int)reply[1], Running = (int)reply[2], IsComplete = (int)reply[3] == 1 };
    }

    public async ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return (RunRemoveOutcome)(int)await EvaluateAsync(_partitions.OfRun(runId), RunScripts.Remove, cancellationToken, runId);
    }

    private static long Sum(RedisResult[] replies, int place) => replies.Sum(reply => (long)RunReplies.Items(reply)[place]);
}
