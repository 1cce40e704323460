namespace AgentHosting;

/// <summary>What the requests of one call have cost: attempts that failed and models that answered too late are paid for too. Copies of a context share it.</summary>
internal sealed class CallSpend
{
    private readonly Lock _gate = new();
    private decimal? _cost;

    /// <summary>The sum; <see langword="null"/> while no request of known price was charged.</summary>
    public decimal? Cost
    {
        get
        {
            lock (_gate)
            {
                return _cost;
            }
        }
    }

    /// <summary>
    /// What was charged by estimate of an answer that goes on in the background, in tokens. The provider reports the usage of the whole at its end, of which this is a part.
    /// </summary>
    public (long Input, long Output) Begun
    {
        get
        {
            lock (_gate)
            {
                return field;
            }
        }

        set
        {
            lock (_gate)
            {
                field = value;
            }
        }
    }

    public void Add(decimal cost)
    {
        lock (_gate)
        {
            _cost = (_cost ?? 0) + cost;
        }
    }
}
