using AgentHosting.Load.Crashes.Load;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>
/// Starts every worker again that a run has killed, as an orchestrator does; when the poisonous runs are dead letters and the fault is mended, requeues them; then submits runs whose tools do
/// not listen, and cancels them.
/// </summary>
internal sealed class Poison(WorkerFleet fleet, IAgentRunClient client, IAgentRunAdmin admin, IList<CrashSubmission> submissions, Func<string, AgentRunStatus, CrashSubmission> create, string antidote, TimeSpan interval, int faults) : IFaultPlan
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly List<Fault> _faults = [];
    private readonly List<double> _cancelSeconds = [];
    private int _redriven;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => _faults;

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { ["workers_killed"] = _faults.Count, ["cancelled_deaf"] = _cancelSeconds.Count, ["redriven"] = _redriven };

    /// <summary>How long each deaf run took to end, once it was cancelled.</summary>
    public IReadOnlyList<double> CancelSeconds => _cancelSeconds;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var nurse = NurseAsync(end.Token);
        CrashSubmission[] all = [.. submissions];
        var dead = all.Where(static one => one.End == AgentRunStatus.Failed).ToArray();
        foreach (var one in dead)
        {
            await EndAsync(one, cancellationToken);
        }

        await File.WriteAllTextAsync(antidote, "", cancellationToken);
        var redriven = new List<CrashSubmission>();
        foreach (var one in dead)
        {
            var again = new CrashSubmission { Plan = one.Plan, Request = one.Request, Times = 1 };
            again.Acknowledge((await admin.RequeueAsync(one.RunId!, cancellationToken: cancellationToken)).RunId!);
            redriven.Add(again);
            submissions.Add(again);
        }

        foreach (var one in redriven)
        {
            _redriven += (await EndAsync(one, cancellationToken)).Status == AgentRunStatus.Succeeded ? 1 : 0;
        }

        await end.CancelAsync();
        await nurse;
        var deaf = new List<CrashSubmission>();
        for (var i = 0; i < faults; i++)
        {
            var one = create(i % 2 == 0 ? CrashPlan.Ignore : CrashPlan.Block, AgentRunStatus.Cancelled);
            submissions.Add(one);
            one.Acknowledge((await client.SubmitAsync(one.Request, cancellationToken)).RunId);
            deaf.Add(one);
        }

        await Task.WhenAll(deaf.Select(one => CancelAsync(one, cancellationToken)));
    }

    private async Task NurseAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
                for (var place = 0; place < fleet.Count; place++)
                {
                    if (fleet[place].HasExited)
                    {
                        _faults.Add(new Fault(Fault.Kill, fleet[place].Id, TimeProvider.System.GetUtcNow()));
                        await fleet.ReplaceAsync(place, cancellationToken);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nothing kills any more.
        }
    }

    private async Task CancelAsync(CrashSubmission submission, CancellationToken cancellationToken)
    {
        // Its tool is to be under way.
        _ = await client.WatchAsync(submission.RunId!, cancellationToken: cancellationToken).FirstOrDefaultAsync(static one => one is { Type: AgentRunEventTypes.StepStarted, Step: "1.0" }, cancellationToken);
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        var asked = TimeProvider.System.GetTimestamp();
        await client.CancelAsync(submission.RunId!, cancellationToken);
        await EndAsync(submission, cancellationToken);
        lock (_cancelSeconds)
        {
            _cancelSeconds.Add(TimeProvider.System.GetElapsedTime(asked).TotalSeconds);
        }
    }

    private Task<AgentRun> EndAsync(CrashSubmission submission, CancellationToken cancellationToken) =>
        UntilAsync(submission, static run => run.Status >= AgentRunStatus.Succeeded, cancellationToken);

    private async Task<AgentRun> UntilAsync(CrashSubmission submission, Func<AgentRun, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (submission.RunId is { } id && await client.GetAsync(id, cancellationToken) is { } run && condition(run))
            {
                return run;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
