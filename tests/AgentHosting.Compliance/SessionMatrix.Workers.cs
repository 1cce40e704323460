using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Those who execute the runs, and those who answer, sweep and move the clock.</content>
internal sealed partial class SessionMatrix
{
    private const int MaxCrashes = 3;

    private static RunAnswer AnswerOf(string decision) => new() { Decision = decision, Payload = Encoding.UTF8.GetBytes(decision) };

    private async Task<IReadOnlyList<ClaimedRun>> ClaimAsync(int number, TimeSpan lease) => await store.ClaimAsync(
        new RunClaimRequest { WorkerId = $"w{number}", MaxRuns = 1, LeaseDuration = lease, Agents = new Dictionary<string, int> { ["a"] = 1 } }, cancellationToken);

    private async Task WorkAsync(int number, CancellationToken token)
    {
#pragma warning disable CA5394 // The seed is the point.
        var random = new Random((seed * 100) + number);
        if (number == 0 && headState == "running")
        {
            await EndAsync(_headClaim!);
        }

        while (!_done)
        {
            token.ThrowIfCancellationRequested();
            if (await ClaimAsync(number, unit) is not [var claim])
            {
                await PauseAsync();
                continue;
            }

            _claims.Add((claim.Run.Id, claim.Session!.Version));
            if (!await BeginAsync(claim, hasEffects: random.Next(4) == 0))
            {
                continue;
            }

            await Task.Yield();
            switch (random.Next(8))
            {
                case 0:
                    // Its worker dies.
                    break;
                case 1:
                    await store.ReleaseAsync(claim.Lease, new RunRelease { Failed = true }, token);
                    break;
                case 2 when claim.Journal.All(step => step.Kind != RunStepKind.Approval):
                    await WaitAsync(claim);
                    break;
                default:
                    await EndAsync(claim);
                    break;
            }
        }
#pragma warning restore CA5394
    }

    /// <returns>Whether the lease was held.</returns>
    private async Task<bool> BeginAsync(ClaimedRun claim, bool hasEffects)
    {
        var key = $"{claim.Lease.Epoch}.0";
        await store.AppendEventsAsync(
            claim.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = key, HasEffects = hasEffects }], cancellationToken);
        return await store.CommitStepAsync(
            claim.Lease,
            new RunStep { Key = key, Kind = RunStepKind.Tool, Name = "tool", Attempt = claim.Lease.Attempt, HasEffects = hasEffects, Payload = Encoding.UTF8.GetBytes("done") },
            [],
            cancellationToken) == RunWriteOutcome.Committed;
    }

    private async Task WaitAsync(ClaimedRun claim)
    {
        var id = claim.Run.Id;
        await store.OpenWaitAsync(
            claim.Lease,
            new RunWait { Key = "w", RequestId = id, Kind = RunStepKind.Approval, Name = "tool", AnswerWhenSuperseded = AnswerOf("superseded") },
            [],
            cancellationToken);
        await store.SuspendAsync(claim.Lease, new RunSuspension(), cancellationToken);
    }

    private async Task EndAsync(ClaimedRun claim)
    {
        var isCancelled = (await store.RenewAsync([claim.Lease], unit, cancellationToken))[0] == RunRenewalOutcome.CancelRequested;
        await store.CompleteAsync(
            claim.Lease,
            new RunCompletion
            {
                Status = isCancelled ? AgentRunStatus.Cancelled : AgentRunStatus.Succeeded,
                Result = isCancelled ? null : "done",
                SessionMessages = Encoding.UTF8.GetBytes(claim.Run.Message),
            },
            cancellationToken);
    }

    private async Task TidyAsync(CancellationToken token)
    {
        while (!_done)
        {
            token.ThrowIfCancellationRequested();
            await advanceAsync(unit / 4);
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = MaxCrashes }, token);
            foreach (var (_, submitted) in _submitted)
            {
                if ((await store.GetAsync(submitted.RunId, token))?.Status == AgentRunStatus.Waiting)
                {
                    await store.AnswerAsync(submitted.RunId, submitted.RunId, AnswerOf("yes"), token);
                }
            }

            var load = await store.GetStatisticsAsync(token);
            _done = _allSubmitted && load.Ready + load.Blocked + load.Running + load.Waiting == 0;
            await PauseAsync();
        }
    }

    /// <summary>Lets the others go on. The length does not matter.</summary>
    private Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
}
