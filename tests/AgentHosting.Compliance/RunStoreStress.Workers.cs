using AgentHosting.Runs;

namespace AgentHosting.Compliance;

internal sealed partial class RunStoreStress
{
    private async Task WorkAsync(int number, Random random, CancellationToken token)
    {
        var request = new RunClaimRequest
        {
            WorkerId = $"w{number}",
            MaxRuns = 3,
            Agents = new Dictionary<string, int> { ["a"] = 3, ["b"] = 1 },
            LeaseDuration = unit,
        };
        var abandoned = new Queue<RunLease>();
        while (!_done)
        {
            var claims = await store.ClaimAsync(request, token);
            foreach (var claim in claims)
            {
                await CheckClaimAsync(claim, token);
            }

            foreach (var claim in claims)
            {
                await AttemptAsync(claim, random, abandoned, token);
            }

            if (abandoned.Count > 3)
            {
                await CompleteAsync(abandoned.Dequeue(), token);
            }

            if (claims.Count == 0)
            {
                await store.WaitForWorkAsync(unit / 8, token);
            }
        }
    }

    /// <summary>A run of a session is claimed only when every earlier one has ended: this also means that there are never two at once.</summary>
    private async Task CheckClaimAsync(ClaimedRun claim, CancellationToken token)
    {
        Interlocked.Increment(ref _runs[claim.Run.Id].Claims);
        Assert.Equal(claim.Journal.Count, claim.Journal.Select(step => step.Key).Distinct(StringComparer.Ordinal).Count());
        if (claim.Run.SessionId is { } session)
        {
            var row = _sessions[$"{claim.Run.Identity.UserId}/{session}"];
            var earlier = row[..Array.IndexOf(row, claim.Run.Id)];
            foreach (var id in earlier)
            {
                Assert.True((await store.GetAsync(id, token))!.Status.IsTerminal(), $"{claim.Run.Id} was claimed before {id} of its session had ended.");
            }

            var turns = claim.Session!.Turns.Select(turn => turn.RunId).ToList();
            Assert.Equal(earlier.Where(turns.Contains), turns);
        }
    }

    private async Task AttemptAsync(ClaimedRun claim, Random random, Queue<RunLease> abandoned, CancellationToken token)
    {
        var tally = _runs[claim.Run.Id];
        for (var ordinal = 1; ordinal <= 2; ordinal++)
        {
            if (claim.Journal.Any(step => step.Key == $"{ordinal}"))
            {
                continue;
            }

            await store.AppendEventsAsync(
                claim.Lease, ordinal, [new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Step = $"{ordinal}", Text = "x" }], token);
            var step = new RunStep
            {
                Key = $"{ordinal}",
                Kind = RunStepKind.Model,
                Name = claim.Run.Agent,
                Attempt = claim.Lease.Attempt,
                Cost = 1,
                Usage = new AgentRunUsage { TotalTokens = 7 },
            };
            if (await store.CommitStepAsync(claim.Lease, step, [new AgentRunEvent { Type = AgentRunEventTypes.StepCompleted, Step = step.Key }], token)
                == RunWriteOutcome.Committed)
            {
                Interlocked.Increment(ref tally.Steps);
                var repeated = await store.CommitStepAsync(claim.Lease, step, [], token);
                Assert.NotEqual(RunWriteOutcome.Committed, repeated);
            }

            if (random.Next(6) == 0)
            {
                Interlocked.Increment(ref tally.Abandoned);
                abandoned.Enqueue(claim.Lease);
                return;
            }
        }

        var renewal = Assert.Single(await store.RenewAsync([claim.Lease], unit, token));
        switch (renewal, random.Next(6))
        {
            case (RunRenewalOutcome.Held, 0):
                await ReleaseAsync(claim.Lease, failed: true, unit * random.NextDouble(), token);
                break;
            case (RunRenewalOutcome.Held or RunRenewalOutcome.CancelRequested, 1):
                await ReleaseAsync(claim.Lease, failed: false, TimeSpan.Zero, token);
                break;
            default:
                await CompleteAsync(claim.Lease, token);
                break;
        }
    }

    private async Task CompleteAsync(RunLease lease, CancellationToken token)
    {
        var completion = new RunCompletion { Status = AgentRunStatus.Succeeded, Result = lease.Token, SessionMessages = new byte[] { 1 } };
        var outcome = await store.CompleteAsync(lease, completion, token);
        Assert.NotEqual(RunWriteOutcome.AlreadyCommitted, outcome);
        if (outcome == RunWriteOutcome.Committed)
        {
            var tally = _runs[lease.RunId];
            tally.CompletedBy = lease.Token;
            Interlocked.Increment(ref tally.Ends);
            Interlocked.Increment(ref tally.Completed);
            Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CompleteAsync(lease, completion, token));
        }
    }

    private async Task ReleaseAsync(RunLease lease, bool failed, TimeSpan delay, CancellationToken token)
    {
        var release = new RunRelease { Failed = failed, Delay = delay };
        if (await store.ReleaseAsync(lease, release, token) == RunWriteOutcome.Committed)
        {
            var tally = _runs[lease.RunId];
            Interlocked.Increment(ref failed ? ref tally.Failed : ref tally.Drained);
            Assert.NotEqual(RunWriteOutcome.Committed, await store.ReleaseAsync(lease, release, token));
        }
    }

    private async Task CheckAsync(string id, RunTally tally)
    {
        var run = (await store.GetAsync(id, cancellationToken))!;
        Assert.True(run.Status.IsTerminal(), $"{id} is {run.Status}.");
        Assert.True(tally.Ends <= 1, $"{id} ended {tally.Ends} times.");
        Assert.Equal(tally.Completed, run.Status == AgentRunStatus.Succeeded ? 1 : 0);
        Assert.Equal(tally.CompletedBy, run.Result);
        Assert.Equal(
            (tally.Claims - tally.Drained, tally.Failed, tally.Claims - tally.Drained - tally.Failed - tally.Completed),
            (run.Attempts, run.Failures, run.Crashes));
        Assert.Equal(tally.Steps, run.Steps.Count);
        Assert.Equal(run.Steps.Count, run.Steps.Select(step => step.Key).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((run.Steps.Count, run.Steps.Count * 7L), ((int)run.Cost, run.Usage.TotalTokens));

        var events = (await store.ReadEventsAsync(id, 0, 10_000, cancellationToken))!.Events;
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(runEvent => (int)runEvent.Sequence));
        Assert.Equal(AgentRunEventTypes.RunQueued, events[0].Type);
        Assert.Equal(tally.Claims, events.Count(runEvent => runEvent.Type == AgentRunEventTypes.RunStarted));
        Assert.Equal(tally.Steps, events.Count(runEvent => runEvent.Type == AgentRunEventTypes.StepCompleted));
        string[] ends = [AgentRunEventTypes.RunCompleted, AgentRunEventTypes.RunFailed, AgentRunEventTypes.RunCancelled, AgentRunEventTypes.RunExpired];
        Assert.Same(events[^1], Assert.Single(events, runEvent => ends.Contains(runEvent.Type)));
    }
}
