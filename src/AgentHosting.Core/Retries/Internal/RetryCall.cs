using AgentHosting.Failures;

namespace AgentHosting.Retries.Internal;

/// <summary>What is known about one call once an attempt of it has failed. A call that succeeds at once has none.</summary>
internal sealed class RetryCall(string model)
{
    private bool _firstTaken;

    public string Model { get; } = model;

    /// <summary>How many attempts have failed.</summary>
    public int Attempts { get; private set; }

    /// <summary>The latest failure.</summary>
    public ChatFailure? Failure { get; private set; }

    /// <summary>The failure before the latest.</summary>
    public ChatFailure? Previous { get; private set; }

    /// <summary>What was decided about the latest.</summary>
    public RetryResult Result { get; private set; }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Another attempt has failed. Nothing is decided about it yet.</summary>
    public void Add(ChatFailure failure)
    {
        Attempts++;
        Previous = Failure;
        Failure = failure;
        Decided(RetryResult.NotRetryable, TimeSpan.Zero);
    }

    /// <summary>The failure of the first attempt, which was made before the loop, and is given to it once.</summary>
    public Exception? TakeFirst(Exception failure) 
    {
        if (_firstTaken)
        {
            return null;
        }

        _firstTaken = true;
        return failure;
    }

    public void Decided(RetryResult result, TimeSpan delay) => (Result, Delay) = (result, delay);
}
