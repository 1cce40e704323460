using System.Reflection;
using AgentHosting.Runs;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A store whose commits of steps and renewals can be made to fail.</summary>
public class RunStoreFaults : DispatchProxy
{
    private readonly TaskCompletionSource _firstFault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRunStore _inner = null!;

    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>What a commit is answered, or throws.</summary>
    public Func<RunWriteOutcome>? OnCommit { get; set; }

    /// <summary>What a renewal does instead.</summary>
    public Func<IReadOnlyList<RunRenewalOutcome>>? OnRenew { get; set; }

    /// <summary>Ends when a commit was answered by <see cref="OnCommit"/>.</summary>
    public Task FirstFault => _firstFault.Task;

    public static RunStoreFaults Around(IRunStore inner)
    {
        var faults = (RunStoreFaults)(object)Create<IRunStore, RunStoreFaults>();
        faults._inner = inner;
        return faults;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IRunStore.CommitStepAsync) && OnCommit is { } answer)
        {
#pragma warning disable CA2012 // Who calls through the proxy awaits it, once.
            return CommitAsync(answer);
#pragma warning restore CA2012
        }

        if (targetMethod.Name == nameof(IRunStore.Renew) && OnRenew is { } renew)
        {
            return renew();
        }

        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }

    private async ValueTask<RunWriteOutcome> CommitAsync(Func<RunWriteOutcome> answer)
    {
        await Task.Yield();
        _firstFault.TrySetResult();
        return answer();
    }
}
