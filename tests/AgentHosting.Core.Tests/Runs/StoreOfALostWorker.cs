using System.Reflection;
using AgentHosting.Runs;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>
/// The store as seen by a worker that dies: the last write of its life is stored, and nothing it calls ever returns again. <see cref="Wake"/> lets it find, long after,
/// that its connection is gone.
/// </summary>
#pragma warning disable CA1852 // DispatchProxy derives from it at run time.
internal class StoreOfALostWorker : DispatchProxy
{
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRunStore _inner = null!;
    private int _lastWrite;
    private int _writes;

    /// <summary>Ends when the worker is lost.</summary>
    public Task Lost => _lost.Task;

    /// <summary>How many steps were journaled or noted, and waits opened.</summary>
    public int Writes => Volatile.Read(ref _writes);

    public static IRunStore Create(IRunStore inner, int lastWrite = int.MaxValue)
    {
        var store = Create<IRunStore, StoreOfALostWorker>();
        ((StoreOfALostWorker)store)._inner = inner;
        ((StoreOfALostWorker)store)._lastWrite = lastWrite;
        return store;
    }

    /// <summary>The worker dies now: nothing that it calls from here on returns.</summary>
    public void Lose() => _lost.TrySetResult();

    public void Wake() => _woken.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_lost.Task.IsCompleted)
        {
            return Hang(targetMethod!);
        }

        var result = targetMethod!.Invoke(_inner, args);
        if (targetMethod.Name is nameof(IRunStore.CommitStepAsync) or nameof(IRunStore.OpenWaitAsync) or nameof(IRunStore.NoteStepAsync) && Interlocked.Increment(ref _writes) >= _lastWrite)
        {
            _lost.TrySetResult();
            return Hang(targetMethod);
        }

        return result;
    }

#pragma warning disable CA2012 // Who calls through the proxy awaits it, once.
    private object Hang(MethodInfo method) => method.ReturnType switch
    {
        var type when type == typeof(ValueTask<RunWriteOutcome>) => HangAsync<RunWriteOutcome>(),
        var type when type == typeof(ValueTask<RunWaitResult>) => HangAsync<RunWaitResult>(),
        var type => throw new NotSupportedException($"A worker does not call {method.Name} ({type}) in an attempt."),
    };
#pragma warning restore CA2012

    private async ValueTask<T> HangAsync<T>()
    {
        await _woken.Task;
        throw new IOException("The connection broke.");
    }
}
#pragma warning restore CA1852
