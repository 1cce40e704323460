using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>What operators and the janitor do.</content>
internal sealed partial class RedisRunStore
{
    public async ValueTask<RunSweepResult> SweepAsync(RunSweepRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var error = new AgentRunError
        {
            Code = AgentRunErrorCodes.CrashLimit,
            Message = string.Create(CultureInfo.InvariantCulture, $"%d workers were lost while they held the run, more than the {request.MaxCrashes} allowed."),
        };
        var reply = RunReplies.Items(await EvaluateAsync(
            RunScripts.Sweep,
            cancellationToken,
            request.MaxCrashes,
            request.Limit,
            JsonSerializer.SerializeToUtf8Bytes(error, StoredRunJson.Default.AgentRunError),
            RunArguments.Flag(!_connection.WasRestoredWithin(_longestLease > TimeSpan.Zero ? _longestLease : UsualLease))));
        return new RunSweepResult
        {
            Recovered = (int)reply[0],
            Failed = (int)reply[1],
            Cancelled = (int)reply[2],
            Expired = (int)reply[3],
            Removed = (int)reply[4],
        };
    }

    public async ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.PageSize is < 1 or > RunQuery.MaxPageSize)
        {
            throw new ArgumentException($"PageSize is {query.PageSize}. Use 1 to {RunQuery.MaxPageSize}.", nameof(query));
        }

        if (query.After is { } after && (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1))
        {
            throw new ArgumentException("After is not the Next of an earlier page. Leave it out for the first page.", nameof(query));
        }

        var found = new List<AgentRun>();
        var before = query.After ?? "";
        while (true)
        {
            var reply = RunReplies.Items(await EvaluateAsync(
                RunScripts.List,
                cancellationToken,
                before,
                query.PageSize - found.Count,
                query.Status is { } status ? (int)status : RedisValue.EmptyString,
                RunArguments.Optional(query.Agent),
                RunArguments.Optional(query.TenantId),
                RunArguments.Optional(query.UserId),
                RunArguments.Optional(query.SessionId),
                query.IsDeadLetter switch { true => "1", false => "0", null => RedisValue.EmptyString }));
            found.AddRange(RunReplies.Items(reply[0]).Select(RunReplies.Run));
            before = RunReplies.Text(reply[1]);
            if ((int)reply[2] == 0)
            {
                return new RunPage { Runs = found };
            }

            if (found.Count == query.PageSize)
            {
                return new RunPage { Runs = found, Next = before };
            }
        }
    }

    public async ValueTask<RunRequeueResult> RequeueAsync(string runId, RunRequeue requeue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requeue);
        var reply = RunReplies.Items(await RefuseWhenFullAsync(
            RunScripts.Requeue, cancellationToken, runId, requeue.NewRunId, RunArguments.Flag(requeue.KeepJournal), RedisTime.Of(requeue.ExpireAfter)));
        return (int)reply[0] < 0
            ? throw new ArgumentException($"There is a run of the id '{requeue.NewRunId}'. Use a new one of CreateRunId.", nameof(requeue))
            : new RunRequeueResult { Outcome = (RunRequeueOutcome)(int)reply[0], RunId = RunReplies.TextOrNull(reply[1]) };
    }

    public async ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return (RunRemoveOutcome)(int)await EvaluateAsync(RunScripts.Remove, cancellationToken, runId);
    }
}
