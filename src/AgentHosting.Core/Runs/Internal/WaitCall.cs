namespace AgentHosting.Runs.Internal;

/// <summary>A wait for an answer from outside.</summary>
internal sealed class WaitCall : CodeCall
{
    // Continuations run inside SetResult: that is the turn.
    private readonly TaskCompletionSource<RunStep?> _source = new();

    public override Task<RunStep?> Task => _source.Task;

    /// <summary>Whether the answer was in the journal when the wait was begun.</summary>
    public bool IsInJournal { get; private set; }

    public RunStep? Answer { get; private set; }

    /// <summary>Opens the wait, or finds that it is open, and reads its answer where there is one.</summary>
    public Func<Task<RunStep?>>? OpenAsync { get; set; }

    /// <summary>Why there is no answer.</summary>
    public Exception? Failure { get; set; }

    public void Found(RunStep answer) => (Answer, IsInJournal) = (answer, true);

    public void Opened(RunStep? answer) => Answer = answer;

    public override void HandOver()
    {
        if (Failure is OperationCanceledException cancelled)
        {
            _source.SetCanceled(cancelled.CancellationToken);
        }
        else if (Failure is not null)
        {
            _source.SetException(Failure);
        }
        else
        {
            _source.SetResult(Answer);
        }
    }
}
