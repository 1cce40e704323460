namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>Counts results over a sliding window of ten buckets. Not thread-safe.</summary>
internal sealed class FailureWindow
{
    private const int BucketCount = 10;
    private readonly int[] _successes = new int[BucketCount];
    private readonly int[] _failures = new int[BucketCount];
    private long _bucket;

    public int Successes { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Lets go of the buckets that have left the window at <paramref name="now"/>.</summary>
    public void MoveTo(long now, long windowTicks)
    {
        var bucket = now / Math.Max(1, windowTicks / BucketCount);
        if (bucket == _bucket)
        {
            return;
        }

        if (bucket - _bucket is >= BucketCount or < 0)
        {
            Clear();
        }
        else
        {
            for (var left = _bucket + 1; left <= bucket; left++)
            {
                var index = (int)(left % BucketCount);
                Successes -= _successes[index];
                Failures -= _failures[index];
                (_successes[index], _failures[index]) = (0, 0);
            }
        }

        _bucket = bucket;
    }

    public void AddSuccess()
    {
        _successes[(int)(_bucket % BucketCount)]++;
        Successes++;
    }

    public void AddFailure()
    {
        _failures[(int)(_bucket % BucketCount)]++;
        Failures++;
    }

    public void Clear()
    {
        Array.Clear(_successes);
        Array.Clear(_failures);
        (Successes, Failures) = (0, 0);
    }
}
