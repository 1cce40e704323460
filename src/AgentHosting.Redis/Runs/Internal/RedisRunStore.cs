using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Runs, their journals and events, and sessions in Redis. Each method is one script: it happens wholly or not at all.</summary>
internal sealed partial class RedisRunStore : IRunStore, IAsyncDisposable
{
    // For a process that takes none and sweeps all the same.
    private static readonly TimeSpan UsualLease = TimeSpan.FromSeconds(30);
    private readonly RedisConnection _connection;
    private readonly RedisValue _limits;
    private readonly RedisKey[] _partition;
    private readonly RunWakeUps _wakeUps;
    private readonly TimeProvider _time;
    // What each attempt knows to be in the journal. A failover may have lost it.
    private readonly ConditionalWeakTable<RunLease, string> _lastCommitted = [];
    private TimeSpan _longestLease;

    public RedisRunStore(RedisConnection connection, IOptions<RunStoreOptions> options, ILogger<RedisRunStore> logger)
    {
        _connection = connection;
        _limits = RunLimits.Of(options.Value);
        var partition = $"{{{connection.Options.KeyPrefix}:{connection.Options.Queue}:0}}:";
        _partition = [partition];
        _time = connection.Clock ?? TimeProvider.System;
        _wakeUps = new RunWakeUps(connection, partition, logger);
    }

    public string CreateRunId(string tenant) => string.Create(CultureInfo.InvariantCulture, $"run_0_{Guid.CreateVersion7(_time.GetUtcNow()):N}");

    public async ValueTask<RunEnqueueResult> EnqueueAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var identity = submission.Identity;
        var stored = new StoredSubmission
        {
            Tenant = identity.TenantId,
            User = identity.UserId,
            Claims = identity.Claims.Count > 0 ? identity.Claims : null,
            Metadata = submission.Metadata.Count > 0 ? submission.Metadata : null,
            TraceParent = submission.TraceParent,
        };
        var reply = RunReplies.Items(await RefuseWhenFullAsync(
            RunScripts.Enqueue,
            cancellationToken,
            submission.Id,
            submission.Agent,
            identity.GetTenantOrUser(),
            identity.UserId,
            RunArguments.Of(submission.SessionId),
            submission.SessionId is { } session ? SessionKey(identity, session) : RedisValue.EmptyString,
            submission.Priority,
            RedisTime.Of(submission.Delay),
            RedisTime.Of(submission.ExpireAfter),
            (int)submission.OnBusy,
            RunArguments.Flag(submission.Supersede),
            IdempotencyKey(submission),
            RunArguments.Optional(submission.Fingerprint),
            submission.Message,
            JsonSerializer.SerializeToUtf8Bytes(stored, StoredRunJson.Default.StoredSubmission)));
        return new RunEnqueueResult
        {
            Outcome = (RunEnqueueOutcome)(int)reply[0],
            RunId = RunReplies.TextOrNull(reply[1]),
            RequestId = RunReplies.TextOrNull(reply[2]),
            Step = RunReplies.TextOrNull(reply[3]),
        };
    }

    public async ValueTask<RunEnqueueResult?> FindByIdempotencyKeyAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (submission.IdempotencyKey is null)
        {
            return null;
        }

        var reply = await EvaluateAsync(RunScripts.FindKey, cancellationToken, submission.Id, IdempotencyKey(submission), RunArguments.Optional(submission.Fingerprint));
        if (reply.IsNull)
        {
            return null;
        }

        var items = RunReplies.Items(reply);
        return new RunEnqueueResult { Outcome = (RunEnqueueOutcome)(int)items[0], RunId = RunReplies.TextOrNull(items[1]) };
    }

    public async ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return (RunCancelOutcome)(int)await DurablyAsync(RunScripts.Cancel, cancellationToken, runId);
    }

    public async ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var reply = await EvaluateAsync(RunScripts.Get, cancellationToken, runId);
        return reply.IsNull ? null : RunReplies.Run(reply);
    }

    public async ValueTask<RunEventPage?> ReadEventsAsync(string runId, long after, int maxEvents, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        var reply = await EvaluateAsync(RunScripts.ReadEvents, cancellationToken, runId, after, maxEvents);
        return reply.IsNull ? null : RunReplies.Events(reply, after, maxEvents);
    }

    public async ValueTask<SessionTranscript?> GetSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        var reply = await EvaluateAsync(RunScripts.Session, cancellationToken, SessionKey(owner, sessionId));
        return reply.IsNull ? null : RunReplies.Session(sessionId, reply);
    }

    public async ValueTask<SessionDeleteOutcome> DeleteSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        return (SessionDeleteOutcome)(int)await DurablyAsync(RunScripts.DeleteSession, cancellationToken, SessionKey(owner, sessionId));
    }

    public async ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken)
    {
        var reply = RunReplies.Items(await EvaluateAsync(RunScripts.Statistics, cancellationToken));
        return new RunStoreStatistics
        {
            Ready = (long)reply[0],
            Blocked = (long)reply[1],
            Waiting = (long)reply[2],
            Running = (long)reply[3],
            Retained = (long)reply[4],
            DeadLetters = (long)reply[5],
            OldestReadyAge = RedisTime.ToSpan((long)reply[6]),
        };
    }

    public ValueTask DisposeAsync() => _wakeUps.DisposeAsync();

    // The lengths keep ("a", "b:c") and ("a:b", "c") apart. Two tenants may have users of the same name.
    private static string OwnerKey(AgentIdentity owner) =>
        string.Create(CultureInfo.InvariantCulture, $"{owner.TenantId?.Length}:{owner.TenantId}:{owner.UserId.Length}:{owner.UserId}");

    private static RedisValue SessionKey(AgentIdentity owner, string sessionId) => $"{OwnerKey(owner)}:{sessionId}";

    private static RedisValue IdempotencyKey(RunSubmission submission) =>
        submission.IdempotencyKey is { } key ? $"{OwnerKey(submission.Identity)}:{key}" : RedisValue.EmptyString;

    private Task<RedisResult> EvaluateAsync(RedisScript script, CancellationToken cancellationToken, params ReadOnlySpan<RedisValue> arguments) =>
        RunOutages.TellAsync(_connection.EvaluateAsync(script, _partition, [_connection.Now, _limits, .. arguments], cancellationToken));

    /// <summary>For what brings new runs: where the memory of Redis is full, the queue is.</summary>
    private async Task<RedisResult> RefuseWhenFullAsync(RedisScript script, CancellationToken cancellationToken, params RedisValue[] arguments)
    {
        try
        {
            return await DurablyAsync(script, cancellationToken, arguments);
        }
        catch (RunStoreUnavailableException exception) when (exception.InnerException is { } cause && RedisErrors.IsOutOfMemory(cause))
        {
            throw new RunStoreFullException("The memory of Redis is full, so that it takes no new run. Runs that it has go on.", cause);
        }
    }

    /// <summary>For what nobody may hear of before it is kept as <see cref="RedisOptions.Durability"/> says.</summary>
    private Task<RedisResult> DurablyAsync(RedisScript script, CancellationToken cancellationToken, params ReadOnlySpan<RedisValue> arguments) =>
        RunOutages.TellAsync(_connection.EvaluateDurablyAsync(script, _partition, [_connection.Now, _limits, .. arguments], cancellationToken));
}
