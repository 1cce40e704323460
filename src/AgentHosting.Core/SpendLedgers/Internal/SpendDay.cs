namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The sums of one day. They are only added to, so that a reader may go through them in parts.</summary>
internal sealed class SpendDay(DateOnly day)
{
    private readonly Dictionary<SpendSumKey, SpendSum> _byKey = [];
    private readonly List<SpendSum> _all = [];

    // Where requests of one caller follow each other, nothing is looked up.
    private SpendSum? _last;

    public DateOnly Day => day;

    public int Count => _all.Count;

    public SpendSum this[int index] => _all[index];

    public SpendSum Of(in SpendSumKey key)
    {
        if (_last is { } last && last.Key == key)
        {
            return last;
        }

        if (!_byKey.TryGetValue(key, out var sum))
        {
            _byKey.Add(key, sum = new SpendSum(key));
            _all.Add(sum);
        }

        return _last = sum;
    }
}
