using System.Reflection;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>A store as the next version of the program uses it: whatever it journals and says in sessions is of a format one higher, and it reads that.</summary>
public class NextVersionStore : DispatchProxy
{
    private IRunStore _inner = null!;

    public static IRunStore Around(IRunStore inner)
    {
        var store = Create<IRunStore, NextVersionStore>();
        ((NextVersionStore)(object)store)._inner = inner;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        for (var i = 0; i < args!.Length; i++)
        {
            args[i] = args[i] switch
            {
                RunClaimRequest request => new RunClaimRequest
                {
                    WorkerId = request.WorkerId,
                    MaxRuns = request.MaxRuns,
                    Agents = request.Agents,
                    LeaseDuration = request.LeaseDuration,
                    JournalVersion = request.JournalVersion + 1,
                    MaxSuspects = request.MaxSuspects,
                },
                RunStep step => new RunStep
                {
                    Key = step.Key,
                    Kind = step.Kind,
                    Name = step.Name,
                    Model = step.Model,
                    Usage = step.Usage,
                    Cost = step.Cost,
                    Attempt = step.Attempt,
                    Duration = step.Duration,
                    HasEffects = step.HasEffects,
                    Version = step.Version + 1,
                    Fingerprint = step.Fingerprint,
                    Payload = step.Payload,
                },
                RunCompletion end => new RunCompletion
                {
                    Status = end.Status,
                    Result = end.Result,
                    Error = end.Error,
                    SessionMessages = end.SessionMessages,
                    Version = end.Version + 1,
                    Cost = end.Cost,
                },
                var other => other,
            };
        }

        return targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
