using System.Collections.Concurrent;

namespace AgentHosting.Retries.Internal;

/// <summary>The retry budgets of the models that one stage serves.</summary>
internal sealed class RetryBudgets(RetryOptions options, TimeProvider timeProvider)
{
    // A name may come from outside: past this many, all others share one budget.
    private const int MaxModels = 1000;
    private readonly ConcurrentDictionary<string, RetryBudget> _budgets = new(StringComparer.Ordinal);
    private readonly RetryBudget _others = new(options, timeProvider);

    public RetryBudget Of(string model) => _budgets.TryGetValue(model, out var budget) ? budget : Add(model);

    private RetryBudget Add(string model) =>
        _budgets.Count >= MaxModels ? _others : _budgets.GetOrAdd(model, static (_, state) => new RetryBudget(state.options, state.timeProvider), (options, timeProvider));
}
