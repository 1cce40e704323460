using System.Reflection;
using AgentHosting.Runs;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>A store that can be out of reach: commands do not arrive, or their answers do not.</summary>
#pragma warning disable CA2012 // Who calls through the proxy awaits it, once.
public class StoreOutage : DispatchProxy
{
    private static readonly MethodInfo _failing = typeof(StoreOutage).GetMethod(nameof(FailAsync), BindingFlags.NonPublic | BindingFlags.Static)!;
    private IRunStore _inner = null!;
    private int _commands;

    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>What the store holds, also while it is away.</summary>
    public IRunStore Inner => _inner;

    /// <summary>Whether no command arrives.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether of each command the first two tries fail: the first does not arrive, of the second the answer is lost.</summary>
    public bool LosesTwoOfThree { get; set; }

    public int Commands => Volatile.Read(ref _commands);

    public static StoreOutage Around(IRunStore inner)
    {
        var outage = (StoreOutage)(object)Create<IRunStore, StoreOutage>();
        outage._inner = inner;
        return outage;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name is nameof(IRunStore.Claim) or nameof(IRunStore.Renew))
        {
            Interlocked.Increment(ref _commands);
            return IsAway ? throw new RunStoreUnavailableException("The store is away.") : targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        }

        var result = targetMethod.ReturnType;
        if (!result.IsGenericType || result.GetGenericTypeDefinition() != typeof(ValueTask<>))
        {
            return IsAway && targetMethod.Name is nameof(IRunStore.Claim) or nameof(IRunStore.Renew)
                ? throw new RunStoreUnavailableException("The store is away.")
                : targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        }

        var number = Interlocked.Increment(ref _commands) % 3;
        var mayFail = LosesTwoOfThree && targetMethod.Name is nameof(IRunStore.CommitStepAsync) or nameof(IRunStore.AppendEventsAsync) or nameof(IRunStore.CompleteAsync) or nameof(IRunStore.ReleaseAsync);
        var arrives = !IsAway && !(mayFail && number == 1);
        var answer = arrives ? targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null) : null;
        return arrives && !(mayFail && number == 2) ? answer : _failing.MakeGenericMethod(result.GenericTypeArguments).Invoke(null, null);
    }

    private static async ValueTask<T> FailAsync<T>()
    {
        await Task.Yield();
        throw new RunStoreUnavailableException("The store is away.");
    }
}
