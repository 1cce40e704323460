using System.Diagnostics;
using AgentHosting.Agents;
using AgentHosting.Diagnostics;
using AgentHosting.Models;
using AgentHosting.PayloadProtection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Executes one attempt: runs the agent in a scope of its own and brings the run to its next state, whatever happens.</summary>
internal sealed partial class RunExecutor(
    IRunStore store,
    IModelCatalog models,
    IServiceScopeFactory scopes,
    TimeProvider timeProvider,
    IOptions<AgentWorkerOptions> options,
    RunMetrics metrics,
    ILoggerFactory loggerFactory,
    ILogger<RunExecutor> logger)
{
    public async Task ExecuteAsync(RunAttempt attempt)
    {
        using var activity = StartActivity(attempt);
        LogStarted(logger, attempt.Run.Id, attempt.Agent.Name, attempt.Lease.Attempt);
        var remaining = attempt.Agent.Options.MaxRunDuration - attempt.Run.ElapsedInAttempts;
        await using var timeLimit = timeProvider.CreateTimer(
            static state => ((RunAttempt)state!).Stop(RunStopReason.TimedOut), attempt, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            var answer = await RunAgentAsync(attempt);
            await CompleteAsync(attempt, new RunCompletion
            {
                Status = AgentRunStatus.Succeeded,
                Result = answer,
                SessionMessages = SessionMessages(attempt),
                Version = JournalFormat.Version,
                Cost = attempt.CostBeyondSteps,
            });
        }
        catch (RunSuspendedException) when (attempt.StopReason == RunStopReason.None)
        {
            await SuspendAsync(attempt);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            await EndAsync(attempt, exception);
        }
    }

    private async Task<string> RunAgentAsync(RunAttempt attempt)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = new AgentRunContext
        {
            RunId = attempt.Run.Id,
            OriginId = attempt.OriginId,
            Agent = attempt.Agent.Name,
            Identity = attempt.Run.Identity,
            SessionId = attempt.Run.SessionId,
            Attempt = attempt.Lease.Attempt,
            Metadata = attempt.Run.Metadata,
            Message = attempt.Run.Message,
            Services = scope.ServiceProvider,
        };
        scope.ServiceProvider.GetRequiredService<AgentRunContextHolder>().Set(context);
        await using var events = new RunEventWriter(store, attempt, timeProvider, options.Value.EventFlushInterval);
        void OnAbandoned()
        {
            metrics.Abandoned(attempt.Agent.Name);
            LogAbandoned(logger, attempt.Run.Id);
        }

        var steps = new RunSteps(attempt, events, models, scope.ServiceProvider.GetRequiredService<RunGuards>(), timeProvider, logger, OnAbandoned);
        context.Steps = steps;
        try
        {
            return attempt.Agent.Code is not null
                ? await CodeAgent.RunAsync(attempt, context, steps, timeProvider, OnAbandoned)
                : await AgentLoop.RunAsync(attempt, events, models, timeProvider, scope.ServiceProvider, loggerFactory, steps, OnAbandoned);
        }
        finally
        {
            if (attempt.StopReason is not (RunStopReason.LeaseLost or RunStopReason.CutOff or RunStopReason.WriteFailed))
            {
                await events.FlushAsync();
            }
        }
    }

    private async Task SuspendAsync(RunAttempt attempt)
    {
        var suspension = new RunSuspension { Cost = attempt.CostBeyondSteps };
        var outcome = await RepeatAsync(attempt, () => store.SuspendAsync(attempt.Lease, suspension, CancellationToken.None));
        if (outcome == RunWriteOutcome.LeaseLost)
        {
            LogLeaseLost(logger, attempt.Run.Id);
        }
        else
        {
            LogSuspended(logger, attempt.Run.Id);
        }
    }

    private async Task EndAsync(RunAttempt attempt, Exception exception)
    {
        switch (attempt.StopReason)
        {
            case RunStopReason.LeaseLost:
                LogLeaseLost(logger, attempt.Run.Id);
                break;
            case RunStopReason.Draining:
                LogReturned(logger, attempt.Run.Id);
                await ReleaseAsync(attempt, new RunRelease { Failed = false, Cost = attempt.CostBeyondSteps });
                break;
            case RunStopReason.CutOff:
                await GiveBackAsync(attempt);
                break;
            case RunStopReason.Cancelled:
                await CompleteAsync(attempt, new RunCompletion
                {
                    Status = AgentRunStatus.Cancelled,
                    SessionMessages = SessionMessages(attempt),
                    Version = JournalFormat.Version,
                    Cost = attempt.CostBeyondSteps,
                });
                break;
            case RunStopReason.Expired:
                await FailAsync(attempt, AgentRunStatus.Expired, AgentRunErrorCodes.Expired, "The run was not done before it expired.");
                break;
            case RunStopReason.TimedOut:
                await FailAsync(
                    attempt, AgentRunStatus.Failed, AgentRunErrorCodes.RunTimeout, $"The run took longer than {attempt.Agent.Options.MaxRunDuration}.");
                break;
            default:
                await RetryOrFailAsync(attempt, attempt.WriteFailure ?? exception);
                break;
        }
    }

    /// <summary>Gives the run back when the store can be asked again, unless another worker has taken it over by then.</summary>
    private async Task GiveBackAsync(RunAttempt attempt)
    {
        LogCutOff(logger, attempt.Run.Id);
        if (await ReleaseAsync(attempt, new RunRelease { Failed = false, Interrupted = true, Cost = attempt.CostBeyondSteps }) == RunWriteOutcome.LeaseLost)
        {
            LogLeaseLost(logger, attempt.Run.Id);
        }
    }

    private async Task RetryOrFailAsync(RunAttempt attempt, Exception exception)
    {
        var failure = exception switch
        {
            RunFailureException known => known,
            PayloadProtectionException unreadable => new RunFailureException(AgentRunErrorCodes.PayloadUnreadable, unreadable.Message, canRetry: false, unreadable),
            _ => new RunFailureException(AgentRunErrorCodes.Internal, "The run failed inside the host.", canRetry: true, exception),
        };
        var settings = attempt.Agent.Options;
        var failures = attempt.Run.Failures + 1;
        if (failure.CanRetry && failures < settings.MaxAttempts)
        {
            var delay = RetryBackoff.Delay(failures, settings.RetryDelay, settings.MaxRetryDelay);
            LogRetried(logger, exception, attempt.Run.Id, failures, settings.MaxAttempts, delay);
            await ReleaseAsync(attempt, new RunRelease { Failed = true, Delay = delay, Cost = attempt.CostBeyondSteps });
            return;
        }

        LogFailed(logger, exception, attempt.Run.Id, failure.Code);
        await FailAsync(attempt, AgentRunStatus.Failed, failure.Code, failure.Message);
    }

    private Task FailAsync(RunAttempt attempt, AgentRunStatus status, string code, string message) => CompleteAsync(attempt, new RunCompletion
    {
        Status = status,
        Error = new AgentRunError { Code = code, Message = message },
        SessionMessages = SessionMessages(attempt),
        Version = JournalFormat.Version,
        Cost = attempt.CostBeyondSteps,
    });

    private async Task CompleteAsync(RunAttempt attempt, RunCompletion completion)
    {
        var outcome = await RepeatAsync(attempt, () => store.CompleteAsync(attempt.Lease, completion, CancellationToken.None));
        if (outcome == RunWriteOutcome.LeaseLost)
        {
            LogLeaseLost(logger, attempt.Run.Id);
        }
        else
        {
            LogEnded(logger, attempt.Run.Id, completion.Status);
        }
    }

    private ValueTask<RunWriteOutcome> ReleaseAsync(RunAttempt attempt, RunRelease release) =>
        RepeatAsync(attempt, () => store.ReleaseAsync(attempt.Lease, release, CancellationToken.None));

    private ValueTask<T> RepeatAsync<T>(RunAttempt attempt, Func<ValueTask<T>> write) => PatientWrites.RepeatAsync(attempt, timeProvider, write);

    private static ReadOnlyMemory<byte> SessionMessages(RunAttempt attempt)
    {
        if (attempt.Run.SessionId is null)
        {
            return default;
        }

        attempt.Transcript.AddUnreplayed(attempt.Claim, attempt.IsBegun);
        return JournalFormat.WriteMessages(attempt.Transcript.ToMessages(attempt.Run.Message));
    }

    private static Activity? StartActivity(RunAttempt attempt)
    {
        _ = ActivityContext.TryParse(attempt.Claim.TraceParent, null, out var parent);
        var activity = AgentHostingTelemetry.ActivitySource.StartActivity($"run {attempt.Agent.Name}", ActivityKind.Consumer, parent);
        activity?.SetTag(TagNames.RunId, attempt.Run.Id);
        activity?.SetTag(TagNames.Agent, attempt.Agent.Name);
        activity?.SetTag(TagNames.Attempt, attempt.Lease.Attempt);
        return activity;
    }
}
