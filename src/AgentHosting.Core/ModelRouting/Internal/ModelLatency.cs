namespace AgentHosting.ModelRouting.Internal;

/// <summary>A moving average of how soon one model answers: for streams until the first content, else until the answer. It halves with each half-life that passes without a call.</summary>
internal sealed class ModelLatency(TimeProvider timeProvider, TimeSpan halfLife)
{
    private const double NewShare = 0.3;
    private readonly Lock _lock = new();
    private readonly double[] _averages = [0, 0];
    private readonly long[] _measuredAt = [0, 0];
    private int _inFlight;

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public void Add(TimeSpan latency, bool isStreaming) => Add(latency, isStreaming, mayLower: true);

    /// <summary>Notes a time that was not enough for an answer. It says nothing when it is shorter than what is expected.</summary>
    public void AddAtLeast(TimeSpan latency, bool isStreaming) => Add(latency, isStreaming, mayLower: false);

    public double LoadAt(long now, bool isStreaming)
    {
        lock (_lock)
        {
            return (1 + Decayed(isStreaming ? 1 : 0, now)) * (1 + InFlight);
        }
    }

    private void Add(TimeSpan latency, bool isStreaming, bool mayLower)
    {
        var shape = isStreaming ? 1 : 0;
        var now = timeProvider.GetTimestamp();
        lock (_lock)
        {
            var average = Decayed(shape, now);
            if (!mayLower && latency.TotalMilliseconds <= average)
            {
                return;
            }

            _averages[shape] = average == 0 ? latency.TotalMilliseconds : (average * (1 - NewShare)) + (latency.TotalMilliseconds * NewShare);
            _measuredAt[shape] = now;
        }
    }

    private double Decayed(int shape, long now) =>
        _averages[shape] == 0 ? 0 : _averages[shape] * Math.Pow(0.5, timeProvider.GetElapsedTime(_measuredAt[shape], now) / halfLife);
}
