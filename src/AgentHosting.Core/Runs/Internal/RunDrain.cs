namespace AgentHosting.Runs.Internal;

/// <summary>
/// What is left of a worker's drain time, and whether a run may begin another round (a model call and a tool that it asks for), or another tool of one: what is cut off would be paid
/// for and done again by the next worker, or be of unknown outcome, where a run that is handed back before it costs nothing. Judged by the longest calls that the worker has seen, with a
/// quarter on top.
/// </summary>
internal sealed class RunDrain(TimeProvider timeProvider) : IDisposable
{
    private const double Margin = 1.25;
    private readonly CancellationTokenSource _handedBack = new();
    private readonly Lock _lock = new();
    private TimeSpan _longestModelCall;
    private TimeSpan _longestToolCall;
    private TimeSpan _time;
    private long? _began;

    /// <summary>Cancelled when the worker waits no longer for its runs.</summary>
    public CancellationToken HandedBack => _handedBack.Token;

    public void HandBack() => _handedBack.Cancel();

    public void Dispose() => _handedBack.Dispose();

    public void Begin(TimeSpan time)
    {
        lock (_lock)
        {
            (_began, _time) = (timeProvider.GetTimestamp(), time);
        }
    }

    public void Note(RunStep step)
    {
        lock (_lock)
        {
            if (step.Kind == RunStepKind.Model)
            {
                _longestModelCall = step.Duration > _longestModelCall ? step.Duration : _longestModelCall;
            }
            else if (step.Kind == RunStepKind.Tool)
            {
                _longestToolCall = step.Duration > _longestToolCall ? step.Duration : _longestToolCall;
            }
        }
    }

    public bool HasTimeForRound
    {
        get
        {
            lock (_lock)
            {
                return HasTimeFor(_longestModelCall + _longestToolCall);
            }
        }
    }

    public bool HasTimeForTool
    {
        get
        {
            lock (_lock)
            {
                return HasTimeFor(_longestToolCall);
            }
        }
    }

    private bool HasTimeFor(TimeSpan calls) => _began is not { } began || _time - timeProvider.GetElapsedTime(began) >= calls * Margin;
}
