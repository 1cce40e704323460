using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.Redis.PayloadProtection.Internal;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>
/// Runs, their journals and events, and sessions in Redis. What concerns one run, session or tenant is one script on its partition: it happens wholly or not at all. What concerns all asks
/// each partition.
/// </summary>
internal sealed partial class RedisRunStore : IRunStore, IAsyncDisposable
{
    // For a process that takes none and sweeps all the same.
    private static readonly TimeSpan UsualLease = TimeSpan.FromSeconds(30);
    private readonly RedisConnection _connection;
    private readonly RedisValue _limits;
    private readonly RunPartitions _partitions;
    private readonly RunLayout _layout;
    private readonly RunWakeUps _wakeUps;
    private readonly PayloadSeal _seal;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    // One for each partition: they may be on several servers.
    private readonly ServerClock[] _serverClocks;
    // What each attempt knows to be in the journal. A failover may have lost it.
    private readonly ConditionalWeakTable<RunLease, string> _lastCommitted = [];
    private TimeSpan _longestLease;
    private int _claims;

    public RedisRunStore(RedisConnection connection, IOptions<RunStoreOptions> options, ILogger<RedisRunStore> logger, IPayloadProtector? protector = null)
    {
        _seal = new PayloadSeal(protector, connection.Options.ProtectPayloads);
        _logger = logger;
        _connection = connection;
        _limits = RunLimits.Of(options.Value);
        _partitions = new RunPartitions(connection.Options);
        _layout = new RunLayout(connection, _partitions);
        _time = connection.Clock ?? TimeProvider.System;
        var clock = connection.Clock is null || connection.LocalClock is not null ? connection.LocalClock ?? TimeProvider.System : null;
        _serverClocks = clock is null ? [] : [.. _partitions.All.Select(_ => new ServerClock(clock))];
        _wakeUps = new RunWakeUps(connection, _partitions, logger);
    }

    public string CreateRunId(string tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return _partitions.CreateRunId(tenant, _time.GetUtcNow());
    }

    public async ValueTask<RunEnqueueResult> EnqueueAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var identity = submission.Identity;
        var partition = PartitionOf(identity);
        if (_partitions.OfRun(submission.Id) != partition)
        {
            throw new ArgumentException($"The id '{submission.Id}' is not of the partition of its tenant. Use one of CreateRunId for the same tenant.", nameof(submission));
        }

        await RunOutages.TellAsync(_layout.EnsureAsync(cancellationToken));
        var payloads = new RunPayloads(_seal, identity, submission.Id);
        var reply = RunReplies.Items(await RefuseWhenFullAsync(
            partition,
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
            payloads.SealText(PayloadKinds.Message, submission.Message),
            JsonSerializer.SerializeToUtf8Bytes(StoredSubmission.Of(submission, payloads), StoredRunJson.Default.StoredSubmission),
            submission.Weight,
            submission.Size,
            OwnerKey(identity)));
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

        var reply = await EvaluateAsync(
            PartitionOf(submission.Identity), RunScripts.FindKey, cancellationToken, submission.Id, IdempotencyKey(submission), RunArguments.Optional(submission.Fingerprint));
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
        return (RunCancelOutcome)(int)await DurablyAsync(_partitions.OfRun(runId), RunScripts.Cancel, cancellationToken, runId);
    }

    public async ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var reply = await EvaluateAsync(_partitions.OfRun(runId), RunScripts.Get, cancellationToken, runId);
        return reply.IsNull ? null : RunReplies.Run(reply, _seal);
    }

    public async ValueTask<RunEventPage?> ReadEventsAsync(string runId, long after, int maxEvents, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        var reply = await EvaluateAsync(_partitions.OfRun(runId), RunScripts.ReadEvents, cancellationToken, runId, after, maxEvents);
        return reply.IsNull ? null : RunReplies.Events(reply, after, maxEvents, _seal);
    }

    public async ValueTask<SessionTranscript?> GetSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        var reply = await EvaluateAsync(PartitionOf(owner), RunScripts.Session, cancellationToken, SessionKey(owner, sessionId));
        return reply.IsNull ? null : RunReplies.Session(sessionId, reply, new RunPayloads(_seal, owner, runId: null));
    }

    public async ValueTask<SessionDeleteOutcome> DeleteSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        return (SessionDeleteOutcome)(int)await DurablyAsync(PartitionOf(owner), RunScripts.DeleteSession, cancellationToken, SessionKey(owner, sessionId));
    }

    public ValueTask DisposeAsync() => _wakeUps.DisposeAsync();

    // The lengths keep ("a", "b:c") and ("a:b", "c") apart. Two tenants may have users of the same name.
    private static string OwnerKey(AgentIdentity owner) =>
        string.Create(CultureInfo.InvariantCulture, $"{owner.TenantId?.Length}:{owner.TenantId}:{owner.UserId.Length}:{owner.UserId}");

    private static RedisValue SessionKey(AgentIdentity owner, string sessionId) => $"{OwnerKey(owner)}:{sessionId}";

    private static RedisValue IdempotencyKey(RunSubmission submission) =>
        submission.IdempotencyKey is { } key ? $"{OwnerKey(submission.Identity)}:{key}" : RedisValue.EmptyString;

    private int PartitionOf(AgentIdentity identity) => _partitions.OfTenant(identity.GetTenantOrUser());

    private Task<RedisResult> EvaluateAsync(int partition, RedisScript script, CancellationToken cancellationToken, params ReadOnlySpan<RedisValue> arguments) =>
        RunOutages.TellAsync(_connection.EvaluateAsync(script, _partitions.KeysOf(partition), [_connection.Now, _limits, .. arguments], cancellationToken));

    /// <summary>Asks every partition at once, and waits for all, also where one of them fails.</summary>
    private Task<RedisResult[]> EvaluateOnAllAsync(RedisScript script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        Task.WhenAll(_partitions.All.Select(partition => EvaluateAsync(partition, script, cancellationToken, arguments)));

    /// <summary>For what brings new runs: where the memory of Redis is full, the queue is.</summary>
    private async Task<RedisResult> RefuseWhenFullAsync(int partition, RedisScript script, CancellationToken cancellationToken, params RedisValue[] arguments)
    {
        try
        {
            return await DurablyAsync(partition, script, cancellationToken, arguments);
        }
        catch (RunStoreUnavailableException exception) when (exception.InnerException is { } cause && RedisErrors.IsOutOfMemory(cause))
        {
            throw new RunStoreFullException("The memory of Redis is full, so that it takes no new run. Runs that it has go on.", cause);
        }
    }

    private RedisResult Evaluate(int partition, RedisScript script, params ReadOnlySpan<RedisValue> arguments) =>
        RunOutages.Tell(_connection, script, _partitions.KeysOf(partition), [_connection.Now, _limits, .. arguments]);

    /// <summary>For what nobody may hear of before it is kept as <see cref="RedisOptions.Durability"/> says.</summary>
    private Task<RedisResult> DurablyAsync(int partition, RedisScript script, CancellationToken cancellationToken, params ReadOnlySpan<RedisValue> arguments) =>
        RunOutages.TellAsync(_connection.EvaluateDurablyAsync(script, _partitions.KeysOf(partition), [_connection.Now, _limits, .. arguments], cancellationToken));
}
