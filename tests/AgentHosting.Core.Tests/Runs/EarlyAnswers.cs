using System.Reflection;
using AgentHosting.Runs;
using AgentHosting.Runs.Internal;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A store in which the open requests of a run are approved between its last write and its suspension.</summary>
public class EarlyAnswers : DispatchProxy
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRunStore _inner = null!;
    private int _suspensions;

    public IRunStore Store => (IRunStore)(object)this;

    public bool Answers { get; set; }

    /// <summary>Whether the first suspension does not reach the store: the worker died before it.</summary>
    public bool LosesFirst { get; set; }

    public Task Answered => _answered.Task;

    public static EarlyAnswers Around(IRunStore inner)
    {
        var early = (EarlyAnswers)(object)Create<IRunStore, EarlyAnswers>();
        early._inner = inner;
        return early;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Answers && targetMethod!.Name == nameof(IRunStore.SuspendAsync))
        {
#pragma warning disable CA2012 // Who calls through the proxy awaits it, once.
            return SuspendAsync((RunLease)args![0]!, (RunSuspension)args[1]!, (CancellationToken)args[2]!);
#pragma warning restore CA2012
        }

        return targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }

    private async ValueTask<RunWriteOutcome> SuspendAsync(RunLease lease, RunSuspension suspension, CancellationToken cancellationToken)
    {
        foreach (var wait in (await _inner.GetAsync(lease.RunId, cancellationToken))!.Waits)
        {
            Assert.Equal(RunAnswerOutcome.Accepted, await _inner.AnswerAsync(lease.RunId, wait.RequestId, RunApprovals.Answer(wait, new ApprovalAnswer(wait.RequestId, true)), cancellationToken));
        }

        _answered.TrySetResult();
        return LosesFirst && Interlocked.Increment(ref _suspensions) == 1
            ? throw new IOException("The worker is gone.")
            : await _inner.SuspendAsync(lease, suspension, cancellationToken);
    }
}
