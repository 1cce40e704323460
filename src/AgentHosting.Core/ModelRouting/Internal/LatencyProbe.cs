namespace AgentHosting.ModelRouting.Internal;

/// <summary>One call that is being measured.</summary>
internal sealed class LatencyProbe : ICallLoad, IDisposable
{
    private static readonly TimeSpan FailurePenalty = TimeSpan.FromSeconds(10);
    private readonly ModelLatency _model;
    private readonly TimeProvider _timeProvider;
    private readonly bool _isStreaming;
    private readonly long _started;
    private bool _answered;
    private bool _failed;
    private bool _isShared;
    private bool _disposed;

    public LatencyProbe(ModelLatency model, TimeProvider timeProvider, bool isStreaming)
    {
        _model = model;
        _timeProvider = timeProvider;
        _isStreaming = isStreaming;
        _started = timeProvider.GetTimestamp();
        _model.Enter();
    }

    /// <summary>The answer has begun.</summary>
    /// <param name="by">Who gives it. Only one that the model gives says how fast the model is; when another one had to stand in for it, it has failed.</param>
    public void Answered(AnswerSource by)
    {
        if (_answered)
        {
            return;
        }

        _answered = true;
        if (by == AnswerSource.Model)
        {
            _model.Add(_timeProvider.GetElapsedTime(_started), _isStreaming);
        }
        else if (by == AnswerSource.OtherModel)
        {
            Failed();
        }
    }

    /// <summary>Takes the call out of those in flight while it waits for an identical one: that one is the model's, and so is how it ends.</summary>
    public void IsShared(bool isShared)
    {
        if (_disposed || _isShared == isShared)
        {
            return;
        }

        _isShared = isShared;
        if (isShared)
        {
            _model.Leave();
        }
        else
        {
            _model.Enter();
        }
    }

    /// <summary>The call has failed. A model that fails at once is not a fast one, nor is one that took long to fail.</summary>
    public void Failed()
    {
        _failed = true;
        if (_isShared)
        {
            return;
        }

        var elapsed = _timeProvider.GetElapsedTime(_started);
        _model.Add(_answered || elapsed < FailurePenalty ? FailurePenalty : elapsed, _isStreaming);
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (!_isShared)
            {
                _model.Leave();
            }

            if (!_answered && !_failed)
            {
                // Given up by whoever waited: the model would have taken longer than that.
                _model.AddAtLeast(_timeProvider.GetElapsedTime(_started), _isStreaming);
            }
        }
    }
}
