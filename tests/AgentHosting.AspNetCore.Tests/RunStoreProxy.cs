using System.Reflection;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests;

/// <summary>A store whose calls a test can answer itself; the rest goes to the real one.</summary>
public class RunStoreProxy : DispatchProxy
{
    private IRunStore _inner = null!;
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <summary>Asks <paramref name="answer"/> first; <see langword="null"/> means that the registered store is to answer.</summary>
    public static void Decorate(IServiceCollection services, Func<MethodInfo, object?[], object?> answer)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IRunStore)).ImplementationType!;
        services.AddSingleton(provider =>
        {
            var store = Create<IRunStore, RunStoreProxy>();
            ((RunStoreProxy)(object)store)._inner = (IRunStore)ActivatorUtilities.CreateInstance(provider, registered);
            ((RunStoreProxy)(object)store)._answer = answer;
            return store;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _answer(targetMethod!, args ?? []) ?? targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}
