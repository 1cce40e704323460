using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

internal sealed partial class FallbackCall
{
    private async Task<TResult?> HedgeAsync<TResult, TShape>(FallbackCandidate? candidate)
        where TResult : class
        where TShape : struct, ICallShape<TResult>
    {
        var running = new List<HedgedAttempt<TResult>>();
        var (left, isHedge) = (settings.MaxHedges, false);
        try
        {
            while (true)
            {
                if (candidate is not null)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    running.Add(Start<TResult, TShape>(candidate, isHedge));
                    candidate = null;
                }

                if (running.Count == 0)
                {
                    return null;
                }

                if (await FirstAsync(running, mayHedge: left > 0) is not { } done)
                {
                    var slow = running[^1].Candidate;
                    candidate = candidates.Next();
                    (left, isHedge) = candidate is null ? (0, false) : (left - 1, true);
                    if (candidate is not null)
                    {
                        FallbackLog.HedgeStarted(settings.Logger, slow.Name, settings.HedgeAfter!.Value, candidate.Name);
                    }

                    continue;
                }

                running.Remove(done);
                try
                {
                    var result = await done.Task;
                    Won(done);
                    return result;
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    (candidate, isHedge) = (await FailAsync(done.Candidate, exception, done.Started, isLast: running.Count == 0), false);
                }
                finally
                {
                    if (done.Cancellation != _winner)
                    {
                        Lost(done);
                        done.Cancellation.Dispose();
                    }
                }

                // Those that are under way may answer all the same.
                left = _stopped ? 0 : left;
            }
        }
        finally
        {
            foreach (var attempt in running)
            {
                // In the background: the caller has its answer and need not wait until a slow provider hangs up.
                _ = AbandonAsync<TResult, TShape>(attempt);
            }
        }
    }

    private HedgedAttempt<TResult> Start<TResult, TShape>(FallbackCandidate candidate, bool isHedge)
        where TResult : class
        where TShape : struct, ICallShape<TResult>
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var context = _context?.Copy();
        return new HedgedAttempt<TResult>
        {
            Candidate = candidate,
            Cancellation = cancellation,
            Context = context,
            Started = settings.TimeProvider.GetTimestamp(),
            IsHedge = isHedge,
            Task = CallAsync(candidate, messages, candidate.OptionsFor(options?.Clone(), context), cancellation.Token),
        };

        // Async, so that a client which throws before it returns a task fails like any other.
        static async Task<TResult> CallAsync(
            FallbackCandidate candidate, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
            await TShape.CallAsync(candidate.Client, messages, options, cancellationToken);
    }

    /// <summary>The first attempt to end, or <see langword="null"/> when it is time to start another one beside them.</summary>
    private async Task<HedgedAttempt<TResult>?> FirstAsync<TResult>(List<HedgedAttempt<TResult>> running, bool mayHedge)
    {
        var tasks = running.ConvertAll<Task>(static attempt => attempt.Task);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        tasks.Add(Task.Delay(mayHedge ? settings.HedgeAfter!.Value : Timeout.InfiniteTimeSpan, settings.TimeProvider, timer.Token));
        var ended = await Task.WhenAny(tasks);
        await timer.CancelAsync();
        if (!ended.IsCompletedSuccessfully)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return running.Find(attempt => attempt.Task == ended);
    }

    private void Won<TResult>(HedgedAttempt<TResult> attempt)
    {
        // Its token lives as long as its stream.
        _winner = attempt.Cancellation;
        if (_context is not null)
        {
            _context.ServedByModel = attempt.Context?.ServedByModel;
        }

        Served(attempt.Candidate);
        if (attempt.IsHedge)
        {
            settings.Metrics.HedgeWon(attempt.Candidate.Name);
        }
    }

    private void Lost<TResult>(HedgedAttempt<TResult> attempt)
    {
        if (attempt.IsHedge)
        {
            settings.Metrics.HedgeLost(attempt.Candidate.Name);
        }
    }

    private async Task AbandonAsync<TResult, TShape>(HedgedAttempt<TResult> attempt)
        where TResult : class
        where TShape : struct, ICallShape<TResult>
    {
        string outcome;
        try
        {
            CancellationFault.Observe(attempt.Cancellation.CancelAsync());
            await TShape.DiscardAsync(await attempt.Task);
            outcome = "an answer that nobody reads";
        }
        catch (Exception exception)
        {
            outcome = exception.GetType().Name;
        }
        finally
        {
            attempt.Cancellation.Dispose();
        }

        Lost(attempt);
        FallbackLog.HedgeEnded(settings.Logger, attempt.Candidate.Name, outcome);
    }
}
