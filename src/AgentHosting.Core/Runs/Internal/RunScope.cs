namespace AgentHosting.Runs.Internal;

/// <summary>A place in which code of a run makes steps: the agent's code, or one invocation of a tool. Refuses them where the code must not go on.</summary>
internal sealed class RunScope(RunAttempt attempt, string prefix)
{
    private readonly CodeTurns _turns = new(attempt, prefix);
    private bool _isClosed;
    private Exception? _failure;

    public RunAttempt Attempt => attempt;

    /// <summary>Inside a step no other is made.</summary>
    public bool IsStep { get; private init; }

    /// <summary>What a step threw.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether something is waited for.</summary>
    public bool IsWaiting => _turns.IsWaiting;

    public static RunScope Step(RunAttempt attempt) => new(attempt, "") { IsStep = true };

    /// <summary>Marks where the code begins, on this thread; it ends with its first pause.</summary>
    public IDisposable Enter() => _turns.Enter();

    /// <summary>Makes a step under the next key.</summary>
    /// <returns>What it comes to, when it is its turn.</returns>
    public Task<T> StepAsync<T>(Func<string, Task<T>> step)
    {
        var call = new StepCall<T>();
        var turn = Begin(call);
        // What a step blocks on is not what the code blocks on.
        turn?.EnterStep();
        call.Work = WorkAsync(call.Key, step);
        turn?.LeaveStep();
        if (call.Work.IsCompleted)
        {
            _turns.Done(call);
        }
        else
        {
            call.Work.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _turns.Done(call));
        }

        return call.Task;
    }

    /// <summary>Waits under the next key.</summary>
    /// <param name="find">Reads the answer from the journal.</param>
    /// <param name="open">Opens the wait, or finds it open, and reads the answer where there is one.</param>
    /// <param name="isNeeded">Whether an answer is needed that is not in the journal.</param>
    /// <param name="cancellationToken">Ends the call before the wait is opened.</param>
    /// <returns>The answer, when it is its turn; <see langword="null"/> where none is needed.</returns>
    /// <exception cref="RunSuspendedException">There is none yet.</exception>
    public Task<RunStep?> WaitAsync(Func<string, RunStep?> find, Func<string, Task<RunStep?>> open, bool isNeeded, CancellationToken cancellationToken)
    {
        var call = new WaitCall();
        Begin(call);
        _ = OpenAsync();
        return call.Task;

        async Task OpenAsync()
        {
            try
            {
                if (find(call.Key) is { } answer)
                {
                    call.Found(answer);
                }
                else if (isNeeded)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    call.OpenAsync = () => open(call.Key);
                    call.Opened(await call.OpenAsync());
                }
                else
                {
                    _turns.Drop(call);
                    call.HandOver();
                    return;
                }
            }
            catch (Exception exception)
            {
                call.Failure = exception;
            }

            _turns.Done(call);
        }
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
    public Task EndAsync() => EndAsync(_turns.WhenHandedOver(), attempt.Stopping);

    public void Close() => Volatile.Write(ref _isClosed, true);

    private static async Task EndAsync(Task calls, CancellationToken stopping) =>
        await calls.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private CodeTurn? Begin(CodeCall call)
    {
        if (Volatile.Read(ref _isClosed))
        {
            throw new InvalidOperationException("The code that this AgentRunContext was given to has ended, or was called again. Nothing more can be done in its name: await what you begin.");
        }

        attempt.ThrowIfStopped();
        return Failure is { } failure
            ? throw new InvalidOperationException("A step before failed, and nothing more can be begun in this attempt. Catch inside the step what you want to go on from.", failure)
            : _turns.Begin(call);
    }

    private async Task<T> WorkAsync<T>(string key, Func<string, Task<T>> step)
    {
        try
        {
            return await step(key);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
            throw;
        }
    }
}
