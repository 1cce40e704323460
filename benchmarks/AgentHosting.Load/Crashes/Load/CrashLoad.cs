using System.Diagnostics;
using System.Globalization;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Load;

/// <summary>Submits runs evenly over the time of the faults, so many at once at most, and follows them to their ends.</summary>
/// <param name="client">Takes them.</param>
/// <param name="submissions">What is submitted.</param>
/// <param name="active">How many at once.</param>
/// <param name="mayLose">Whether a run that was accepted may be gone; it is then submitted again.</param>
internal sealed class CrashLoad(IAgentRunClient client, IReadOnlyList<CrashSubmission> submissions, int active, bool mayLose) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _room = new(active);
    private readonly Dictionary<string, SemaphoreSlim> _sessions = submissions
        .Select(static submission => submission.Request.SessionId).OfType<string>().Distinct().ToDictionary(static session => session, static _ => new SemaphoreSlim(1), StringComparer.Ordinal);

    private int _ended;
    private int _submitFailures;
    private int _refused;

    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Submissions that failed and were tried again.</summary>
    public int SubmitFailures => Volatile.Read(ref _submitFailures);

    /// <summary>Of them those that were told that the queue takes no more runs.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <param name="runs">How many.</param>
    /// <param name="allWithKeys">Whether each has an idempotency key.</param>
    /// <param name="delayOf">How long the run of a number, which is in no session, is to wait.</param>
    /// <param name="random">Dice.</param>
    public static List<CrashSubmission> Plan(int runs, bool allWithKeys, Func<int, TimeSpan> delayOf, Random random)
    {
        var planned = new List<CrashSubmission>(runs);
        var sessions = new Dictionary<int, List<CrashSubmission>>();
        for (var number = 0; number < runs; number++)
        {
            var session = random.Next(10) < 3 ? random.Next(1 + (runs / 15)) : -1;
            var before = session < 0 ? null : sessions.TryGetValue(session, out var known) ? known : sessions[session] = [];
            var isTwice = random.Next(5) == 0;
            var plan = CrashPlan.Of(number, random);
            var submission = new CrashSubmission
            {
                Plan = plan,
                Times = isTwice ? 2 : 1,
                Before = before is null ? [] : [.. before],
                Request = new AgentRunRequest
                {
                    Agent = CrashHost.Agent,
                    Message = plan.ToMessage(),
                    Identity = new AgentIdentity { UserId = string.Create(CultureInfo.InvariantCulture, $"user-{(session < 0 ? number : session) % 8}") },
                    Delay = session < 0 ? delayOf(number) : TimeSpan.Zero,
                    SessionId = session < 0 ? null : string.Create(CultureInfo.InvariantCulture, $"session-{session}"),
                    IdempotencyKey = isTwice || allWithKeys ? string.Create(CultureInfo.InvariantCulture, $"key-{number}") : null,
                },
            };
            before?.Add(submission);
            planned.Add(submission);
        }

        return planned;
    }

    /// <summary>Submits all over <paramref name="time"/>, and returns when all have ended.</summary>
    /// <param name="time">How long the submissions take.</param>
    /// <param name="mayTakeAfter">How long the last of them may go on after that.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(TimeSpan time, TimeSpan mayTakeAfter, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = Stopwatch.StartNew();
        var following = new List<Task>();
        for (var i = 0; i < submissions.Count; i++)
        {
            var due = (time * i / submissions.Count) - started.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, TimeProvider.System, cancellationToken);
            }

            await _room.WaitAsync(cancellationToken);
            var submission = submissions[i];
            // In the order of the plan within a session: who comes first stands before.
            var turn = submission.Request.SessionId is { } session ? _sessions[session] : null;
            if (turn is not null)
            {
                await turn.WaitAsync(cancellationToken);
            }

            following.Add(RunOneAsync(submission, turn, limit.Token));
        }

        limit.CancelAfter(mayTakeAfter);
        try
        {
            await Task.WhenAll(following);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Those that have not ended are counted as such.
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private async Task RunOneAsync(CrashSubmission submission, SemaphoreSlim? turn, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, submission.Times).Select(_ => SubmitAsync(submission, cancellationToken)));
        }
        finally
        {
            turn?.Release();
        }

        while (!await FollowAsync(submission.RunId!, cancellationToken) || await IsReplacedAsync(submission, cancellationToken))
        {
            // As a client does that is told that there is no such run.
            submission.Lose(submission.RunId!);
            await SubmitAsync(submission, cancellationToken);
        }

        submission.IsEnded = true;
        Interlocked.Increment(ref _ended);
        _room.Release();
    }

    /// <returns>Whether it ended; else it is gone.</returns>
    private async Task<bool> FollowAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            try
            {
                var run = await client.GetAsync(id, cancellationToken);
                if (run?.Status >= AgentRunStatus.Succeeded || (run is null && mayLose))
                {
                    return run is not null;
                }
            }
            catch (RunStoreUnavailableException)
            {
                // The store is away. It is asked again.
            }
        }
    }

    /// <summary>Submits it once more under its key, now that it has ended.</summary>
    /// <returns>Whether that is another run, since the first is gone.</returns>
    private async Task<bool> IsReplacedAsync(CrashSubmission submission, CancellationToken cancellationToken)
    {
        if (submission.Request.IdempotencyKey is null)
        {
            return false;
        }

        var first = submission.RunId!;
        await SubmitAsync(submission, cancellationToken);
        return submission.Ids.Count > 1 && mayLose && !await FollowAsync(first, cancellationToken);
    }

    private async Task SubmitAsync(CrashSubmission submission, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                submission.Acknowledge((await client.SubmitAsync(submission.Request, cancellationToken)).RunId);
                return;
            }
            catch (Exception exception) when (exception is RunStoreUnavailableException or RunStoreFullException && submission.Request.IdempotencyKey is not null)
            {
                // It may have been accepted; the key keeps it from being accepted twice.
                Interlocked.Increment(ref _submitFailures);
                if (exception is RunStoreFullException)
                {
                    Interlocked.Increment(ref _refused);
                }

                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }
}
