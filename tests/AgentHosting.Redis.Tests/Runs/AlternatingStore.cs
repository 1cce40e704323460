using System.Reflection;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>Several stores of the same data as one: each call goes to any of them.</summary>
public class AlternatingStore : DispatchProxy
{
    private IRunStore[] _stores = [];
    private Random _random = new(0);

    public static IRunStore Create(int seed, params IRunStore[] stores)
    {
        var store = Create<IRunStore, AlternatingStore>();
        ((AlternatingStore)(object)store)._stores = stores;
        ((AlternatingStore)(object)store)._random = new Random(seed);
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Invoke(_stores[_random.Next(_stores.Length)], BindingFlags.DoNotWrapExceptions, null, args, null);
}
