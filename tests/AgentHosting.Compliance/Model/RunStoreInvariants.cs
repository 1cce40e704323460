using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>What holds after every command, judged by what the store says alone: the model has no part in it.</summary>
internal sealed class RunStoreInvariants(RunStoreOptions options)
{
    private readonly HashSet<string> _removable = new(StringComparer.Ordinal);

    /// <summary>Somebody asked for the run to be removed.</summary>
    public void NoteRemoved(string id) => _removable.Add(id);

    /// <summary>Checks I2, I3, I5, I6, I8 and I9 on the runs, in the order of their acceptance.</summary>
    public void Check(IReadOnlyList<ObservedRun> runs, DateTimeOffset now)
    {
        var running = new Dictionary<string, int>(StringComparer.Ordinal);
        var sessions = new Dictionary<(string?, string, string), ObservedRun>();
        foreach (var observed in runs)
        {
            if (observed.Snapshot is not { } run)
            {
                CheckMayBeGone(observed, now);
                continue;
            }

            CheckEvents(observed, run);
            CheckJournal(observed, run);
            if (run.Status == AgentRunStatus.Running)
            {
                var tenant = run.Identity.TenantId ?? run.Identity.UserId;
                running[tenant] = running.GetValueOrDefault(tenant) + 1;
                Holds(options.MaxRunningPerTenant == 0 || running[tenant] <= options.MaxRunningPerTenant, "I3", run.Id, "runs although its tenant is at its limit");
            }

            if (run.SessionId is { } session && !run.Status.IsTerminal()
                && !sessions.TryAdd((run.Identity.TenantId, run.Identity.UserId, session), observed))
            {
                Holds(run.Status == AgentRunStatus.Queued, "I5", run.Id, $"is {run.Status} although an earlier run of its session is not done");
            }
        }
    }

    /// <summary>Checks I1 to I3 on the figures: each unfinished run is counted in one place, and a lease is held for each that runs.</summary>
    public static void Check(IReadOnlyList<ObservedRun> runs, RunStoreStatistics statistics)
    {
        int Count(Func<AgentRunStatus, bool> matches) => runs.Count(run => run.Snapshot is { } snapshot && matches(snapshot.Status));
        Holds(
            statistics.Ready + statistics.Blocked == Count(static status => status == AgentRunStatus.Queued)
            && statistics.Waiting == Count(static status => status == AgentRunStatus.Waiting)
            && statistics.Retained == Count(static status => status.IsTerminal()),
            "I1", "the store", "counts a run in no place or in two");
        Holds(statistics.Running == Count(static status => status == AgentRunStatus.Running), "I2", "the store", "has leases without runs, or runs without leases");
    }

    private static void CheckEvents(ObservedRun observed, AgentRun run)
    {
        var events = observed.Events;
        for (var i = Math.Max(0, events.Count - 8); i < events.Count; i++)
        {
            Holds(events[i].Sequence == i + 1, "I6", run.Id, $"has event {events[i].Sequence} in place {i + 1}");
            Holds(i == events.Count - 1 || !IsTerminal(events[i]), "I6", run.Id, "has an event behind its terminal one");
        }

        Holds(run.Status.IsTerminal() == IsTerminal(events[^1]) && run.Status.IsTerminal() == observed.IsTerminalPage, "I6", run.Id, $"is {run.Status} and its last event is {events[^1].Type}");
    }

    private static void CheckJournal(ObservedRun observed, AgentRun run)
    {
        if (ReferenceEquals(observed.Earlier, run))
        {
            return;
        }

        Holds(run.Steps.Select(static step => step.Key).Distinct().Count() == run.Steps.Count, "I9", run.Id, "has a step twice");
        var kept = observed.Earlier?.Steps ?? [];
        for (var i = 0; i < kept.Count; i++)
        {
            Holds(
                i < run.Steps.Count && run.Steps[i].Key == kept[i].Key && run.Steps[i].Attempt == kept[i].Attempt && run.Steps[i].Duration == kept[i].Duration,
                "I9", run.Id, $"has lost or changed its step {kept[i].Key}");
        }

        Holds(observed.Earlier is not { } earlier || !earlier.Status.IsTerminal() || earlier.Status == run.Status, "I6", run.Id, $"was {observed.Earlier?.Status} and is {run.Status}");
    }

    private void CheckMayBeGone(ObservedRun observed, DateTimeOffset now)
    {
        var last = observed.Earlier;
        if (last is null || _removable.Contains(observed.Id))
        {
            return;
        }

        Holds(last.Status.IsTerminal(), "I8", last.Id, $"is gone and was {last.Status}");
        var isDeadLetter = last.Status == AgentRunStatus.Failed && last.RequeuedAs is null;
        Holds(last.CompletedAt + (isDeadLetter ? options.DeadLetterRetention : options.Retention) <= now, "I8", last.Id, "is gone before its retention ended");
    }

    private static bool IsTerminal(AgentRunEvent told) => told.Type is AgentRunEventTypes.RunCompleted or AgentRunEventTypes.RunFailed
        or AgentRunEventTypes.RunCancelled or AgentRunEventTypes.RunExpired;

    private static void Holds(bool holds, string invariant, string who, string what)
    {
        if (!holds)
        {
            throw new RunStoreModelException($"{invariant}: {who} {what}.");
        }
    }
}
