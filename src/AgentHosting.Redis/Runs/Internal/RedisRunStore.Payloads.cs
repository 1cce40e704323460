using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Internal;
using AgentHosting.Redis.PayloadProtection.Internal;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>Whose payloads are: they are protected for their owner.</content>
internal sealed partial class RedisRunStore
{
    // What is asked at each write of an attempt. Gone with the lease.
    private readonly ConditionalWeakTable<RunLease, AgentIdentity> _owners = [];

    private void Remember(RunLease lease, AgentIdentity owner)
    {
        if (_seal.HasProtector)
        {
            _owners.Add(lease, owner);
        }
    }

    private ValueTask<RunPayloads?> PayloadsOfAsync(RunLease lease, CancellationToken cancellationToken) =>
        _owners.TryGetValue(lease, out var owner) ? new(new RunPayloads(_seal, owner, lease.RunId)) : PayloadsOfAsync(lease.RunId, cancellationToken);

    /// <returns><see langword="null"/> where there is no such run.</returns>
    private async ValueTask<RunPayloads?> PayloadsOfAsync(string runId, CancellationToken cancellationToken)
    {
        if (!_seal.HasProtector)
        {
            // Nothing can be unprotected, so that it does not matter for whom.
            return new RunPayloads(_seal, AgentIdentity.Anonymous, runId);
        }

        var reply = await EvaluateAsync(_partitions.OfRun(runId), RunScripts.Owner, cancellationToken, runId);
        return reply.IsNull ? null : new RunPayloads(_seal, JsonSerializer.Deserialize((byte[])reply!, StoredRunJson.Default.StoredSubmission)!.Owner, runId);
    }

    /// <summary>Ends a run that nobody with these keys can go on with. Its journal stays, for when they are there. Those that were claimed with it are not held up.</summary>
    private void FailUnreadable(RunLease lease, PayloadProtectionException exception)
    {
        LogUnreadable(exception, lease.RunId);
        try
        {
            // Not protected: those who have the right keys have not those of this process. It says nothing of the content.
            var unprotected = new RunPayloads(PayloadSeal.None, AgentIdentity.Anonymous, lease.RunId);
            var failed = new RunCompletion { Status = AgentRunStatus.Failed, Error = new AgentRunError { Code = AgentRunErrorCodes.PayloadUnreadable, Message = exception.Message } };
            Evaluate(_partitions.OfRun(lease.RunId), RunScripts.Complete, Completion(lease, failed, unprotected));
        }
        catch (Exception failure)
        {
            LogNotFailed(failure, lease.RunId);
        }
    }

    /// <summary>Gives a run back that cannot be unprotected now, for as long as a lease. Nothing was done, so that nothing counts.</summary>
    private void PutOff(RunLease lease, Exception exception, TimeSpan delay)
    {
        LogPutOff(exception, lease.RunId, delay);
        try
        {
            Evaluate(_partitions.OfRun(lease.RunId), RunScripts.Release, Release(lease, new RunRelease { Failed = false, Delay = delay }));
        }
        catch (Exception failure)
        {
            LogNotFailed(failure, lease.RunId);
        }
    }

    [LoggerMessage(
        RedisEventIds.RunPutOff, LogLevel.Error, "Run {RunId} cannot be unprotected now. It goes back to the queue, and is tried again in {Delay}.", EventName = "RedisRunPutOff")]
    private partial void LogPutOff(Exception exception, string runId, TimeSpan delay);

    [LoggerMessage(
        RedisEventIds.RunUnreadable, LogLevel.Error, "Run {RunId} cannot be unprotected by this process. It fails, and can be requeued once the keys are there.", EventName = "RedisRunUnreadable")]
    private partial void LogUnreadable(Exception exception, string runId);

    [LoggerMessage(
        RedisEventIds.UnreadableRunNotFailed, LogLevel.Error, "That run {RunId} cannot be unprotected could not be stored. Another worker gets it when its lease ends.",
        EventName = "RedisUnreadableRunNotFailed")]
    private partial void LogNotFailed(Exception exception, string runId);
}
