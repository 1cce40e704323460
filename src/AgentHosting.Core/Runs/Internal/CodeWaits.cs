namespace AgentHosting.Runs.Internal;

/// <summary>
/// What code waits for once no step is under way, in the order in which answers are journaled. Touched under the lock of <see cref="CodeTurns"/>.
/// <para>
/// Of answers that were in the journal when the run was claimed that order is known, and none can come before them. Of one that came since it is known only where nothing else
/// is waited for, or no other answer has come. Where it is not, the run is laid aside, goes on at once, since it has a new answer, and reads the order.
/// </para>
/// </summary>
internal sealed class CodeWaits(RunAttempt attempt)
{
    // Code that catches the suspension and waits anew in a loop would never end.
    private const int MaxWaits = 100;
    private readonly List<WaitCall> _open = [];
    private bool _isChecking;
    private int _checkedAt;
    private int _refused;

    public IReadOnlyList<WaitCall> All => _open;

    /// <summary>Whether the code was, or is being, told that there is no answer. It begins nothing more.</summary>
    public bool IsSuspended { get; private set; }

    public bool HasResult => _open.Count > 0 && !_isChecking;

    public void Add(WaitCall wait)
    {
        _open.Add(wait);
        if (_open.Count > MaxWaits)
        {
            attempt.Fail(TooMany());
        }
    }

    public List<WaitCall> TakeAll()
    {
        List<WaitCall> all = [.. _open];
        _open.Clear();
        return all;
    }

    /// <exception cref="RunSuspendedException">The code goes on after it was told to wait.</exception>
    /// <exception cref="RunFailureException">It does so again and again.</exception>
    public void ThrowIfSuspended()
    {
        if (!IsSuspended)
        {
            return;
        }

        if (++_refused > MaxWaits)
        {
            var exception = TooMany();
            attempt.Fail(exception);
            throw exception;
        }

        throw new RunSuspendedException();
    }

    /// <returns>The one to be handed over next; <see langword="null"/> where there is none yet.</returns>
    public WaitCall? Next(int begun, Action<bool, int> onChecked)
    {
        if (_open.Count == 0 || _isChecking)
        {
            return null;
        }

        var next = FirstOf(static wait => wait.IsInJournal);
        if (next is null && !IsSuspended && FirstOf(static wait => wait.Answer is not null) is { } answered)
        {
            if (_open.Count == 1 || _checkedAt == begun)
            {
                next = answered;
            }
            else if (_open.TrueForAll(wait => wait.Answer is null || attempt.FindJournaled(wait.Key) is not null))
            {
                _isChecking = true;
                _ = CheckAsync([.. _open.Where(static wait => wait.Answer is null)], begun, onChecked);
                return null;
            }
        }

        if (next is null)
        {
            IsSuspended = true;
            next = _open[0];
            next.Failure = new RunSuspendedException();
        }

        _open.Remove(next);
        return next;
    }

    public void Checked(bool isAnswered, int begun)
    {
        _isChecking = false;
        _checkedAt = begun;
        IsSuspended |= isAnswered;
    }

    private WaitCall? FirstOf(Func<WaitCall, bool> which) => _open.Where(which).MinBy(wait => attempt.PositionOf(wait.Key));

    /// <summary>Asks the store whether one of the others was answered, perhaps before those that were answered to this attempt.</summary>
    private static async Task CheckAsync(WaitCall[] others, int begun, Action<bool, int> onChecked)
    {
        var isAnswered = false;
        await Task.Yield();
        try
        {
            foreach (var other in others)
            {
                isAnswered |= await other.OpenAsync!() is not null;
            }
        }
        catch (Exception)
        {
            // Whoever writes to the store has stopped the attempt, and nothing is handed over any more.
            isAnswered = true;
        }

        onChecked(isAnswered, begun);
    }

    private static RunFailureException TooMany() => new(
        AgentRunErrorCodes.Internal, $"The code waits for more than {MaxWaits} answers at once. Where it catches exceptions, it must let those of AgentRunContext pass.", canRetry: false);
}
