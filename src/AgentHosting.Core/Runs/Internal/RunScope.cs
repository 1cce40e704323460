using System.Globalization;

namespace AgentHosting.Runs.Internal;

/// <summary>A place in which code of a run makes steps: the agent's code, or one invocation of a tool. Numbers them, and refuses them where the code must not go on.</summary>
internal sealed class RunScope(RunAttempt attempt, string prefix)
{
    // Code that catches the suspension and waits anew in a loop would open waits without end.
    private const int MaxWaits = 100;
    private readonly Lock _lock = new();
    private readonly List<Task> _underWay = [];
    private int _steps;
    private StepPlace? _last;
    private int _waits;
    private bool _isClosed;
    private Exception? _failure;

    public RunAttempt Attempt => attempt;

    /// <summary>Inside a step no other is made.</summary>
    public bool IsStep { get; private init; }

    /// <summary>What a step threw.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether something is waited for.</summary>
    public bool IsWaiting => Volatile.Read(ref _waits) > 0;

    public static RunScope Step(RunAttempt attempt) => new(attempt, "") { IsStep = true };

    /// <summary>The key of the next step that may be begun.</summary>
    public string NextStep(StepPlace place)
    {
        var key = NextWait(place);
        return IsWaiting ? throw new RunSuspendedException() : key;
    }

    /// <summary>The key of the next wait that may be begun. Several may be open at once.</summary>
    public string NextWait(StepPlace place)
    {
        if (Volatile.Read(ref _isClosed))
        {
            throw new InvalidOperationException("The code that this AgentRunContext was given to has ended, or was called again. Nothing more can be done in its name: await what you begin.");
        }

        attempt.ThrowIfStopped();
        if (Failure is { } failure)
        {
            throw new InvalidOperationException("A step before failed, and nothing more can be begun in this attempt. Catch inside the step what you want to go on from.", failure);
        }

        lock (_lock)
        {
            place.Begin(this);
            if (!place.Follows(_last))
            {
                var exception = new RunFailureException(
                    AgentRunErrorCodes.Internal,
                    $"Code that runs side by side made a second call of its AgentRunContext after step {prefix}s{_steps}: which branch comes first would be chance, and a later attempt could take one's result for the other's. Make one call in each branch, await them all, and go on from there.",
                    canRetry: false);
                attempt.Fail(exception);
                throw exception;
            }

            _last = place;
            return string.Create(CultureInfo.InvariantCulture, $"{prefix}s{++_steps}");
        }
    }

    public void NoteWaiting()
    {
        if (Interlocked.Increment(ref _waits) > MaxWaits)
        {
            var exception = new RunFailureException(
                AgentRunErrorCodes.Internal, $"The code waits for more than {MaxWaits} answers at once. Where it catches exceptions, it must let those of AgentRunContext pass.", canRetry: false);
            attempt.Fail(exception);
            throw exception;
        }
    }

    public void Fail(Exception exception) => Interlocked.CompareExchange(ref _failure, exception, null);

    public Task<T> Track<T>(Task<T> step)
    {
        if (!step.IsCompleted)
        {
            lock (_lock)
            {
                _underWay.RemoveAll(static task => task.IsCompleted);
                _underWay.Add(step);
            }
        }

        return step;
    }

    /// <summary>Begins nothing more, and before a suspension lets what is under way end unless the attempt is stopped.</summary>
    /// <returns>Whether an answer is to be waited for.</returns>
    public async Task<bool> CloseAsync()
    {
        Close();
        if (!IsWaiting || Failure is not null)
        {
            return false;
        }

        await EndAsync();
        return IsWaiting && Failure is null;
    }

    /// <summary>Lets what is under way end, unless the attempt is stopped.</summary>
    public async Task EndAsync()
    {
        Task[] steps;
        lock (_lock)
        {
            steps = [.. _underWay];
        }

        await Task.WhenAll(steps).WaitAsync(attempt.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Close() => Volatile.Write(ref _isClosed, true);
}
