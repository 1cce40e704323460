using System.Diagnostics.CodeAnalysis;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The places of one reservation. The first needs no array, and many requests have no other.</summary>
internal struct SpendPlaces
{
    private SpendPlace _first;
    private SpendPlace[]? _others;

    public int Count { get; private set; }

    [UnscopedRef]
    public ref SpendPlace this[int index] => ref index == 0 ? ref _first : ref _others![index - 1];

    /// <param name="counter">The counter; the slice is noted when the amount is held.</param>
    /// <param name="most">How many places there may be.</param>
    public void Add(SpendCounter counter, int most)
    {
        if (Count > 0)
        {
            _others ??= new SpendPlace[most - 1];
        }

        Count++;
        this[Count - 1].Counter = counter;
    }
}
