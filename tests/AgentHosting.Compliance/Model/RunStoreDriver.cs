using System.Globalization;
using AgentHosting.Runs;
using static AgentHosting.Compliance.Model.RunStoreComparison;

namespace AgentHosting.Compliance.Model;

/// <summary>Gives each command to the store and to the model, and compares the answer and then all that can be seen.</summary>
internal sealed partial class RunStoreDriver(RunStoreUnderTest test, RunStoreOptions options)
{
    private static readonly CancellationToken Token = CancellationToken.None;
    private readonly IRunStore _store = test.Store;
    private readonly RunStoreModel _model = new(options);
    private readonly RunStoreInvariants _invariants = new(options);
    private readonly List<ObservedRun> _observed = [];
    private readonly HashSet<ModelSession> _seenSessions = [];
    private readonly List<RunLease> _leases = [];
    private readonly List<string> _trace = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private Func<ValueTask<string>>? _last;
    private string? _lastAnswer;

    /// <summary>How many commands were given.</summary>
    public int Count { get; private set; }

    public static RunStoreOptions Options(RunStoreSequence sequence) => new()
    {
        MaxRunningPerTenant = sequence.MaxRunningPerTenant,
        MaxUnfinishedRuns = sequence.IsSmall ? 4 : 1_000,
        MaxUnfinishedBytes = sequence.IsSmall ? 60 : 1_000_000,
        Retention = TimeSpan.FromSeconds(10),
        IdempotencyRetention = TimeSpan.FromSeconds(20),
        DeadLetterRetention = TimeSpan.FromSeconds(30),
        SessionRetention = TimeSpan.FromSeconds(40),
    };

    public async Task RunAsync(RunStoreSequence sequence)
    {
        try
        {
            foreach (var command in sequence.Commands)
            {
                await GiveAsync(command);
            }

            await DrainAsync();
        }
        catch (Exception exception)
        {
            var trace = string.Join('\n', _trace);
            var message = exception.Message;
            foreach (var (id, name) in _names)
            {
                (trace, message) = (trace.Replace(id, name, StringComparison.Ordinal), message.Replace(id, name, StringComparison.Ordinal));
            }

            throw new RunStoreModelException($"{message}\n{trace}", exception);
        }
    }

    private async ValueTask GiveAsync(RunStoreCommand command)
    {
        if (command.Kind == RunStoreCommandKind.Repeat)
        {
            if (_last is not null)
            {
                await GiveAsync("Repeat", _last, MustBe(_lastAnswer));
            }
        }
        else if (Prepare(command) is { } action)
        {
            await GiveAsync(command.ToString(), action, null, isMoment: command.Kind == RunStoreCommandKind.Advance);
            _last = command.Kind is RunStoreCommandKind.Advance or RunStoreCommandKind.Claim or RunStoreCommandKind.Sweep or RunStoreCommandKind.List ? null : action;
        }
    }

    private async ValueTask GiveAsync(string name, Func<ValueTask<string>> action, string? mustBe, bool isMoment = false)
    {
        Count++;
        _trace.Add(name);
        _model.Now = test.Clock.GetUtcNow();
        var answer = await action();
        _trace[^1] = $"{name}: {answer}";
        if (mustBe is not null)
        {
            Same("the repetition of a command", mustBe, answer);
        }

        _lastAnswer = mustBe ?? answer;
        _model.ForgetIdleTenants();
        await ObserveAsync(isMoment);
    }

    /// <summary>What a command that did something must answer when it comes again at once.</summary>
    private static string? MustBe(string? answer) => answer switch
    {
        nameof(RunWriteOutcome.Committed) or nameof(RunWriteOutcome.AlreadyCommitted) => nameof(RunWriteOutcome.AlreadyCommitted),
        nameof(RunWriteOutcome.LeaseLost) => answer,
        nameof(RunAnswerOutcome.Accepted) or nameof(RunAnswerOutcome.Repeated) => nameof(RunAnswerOutcome.Repeated),
        _ when answer?.StartsWith(nameof(RunEnqueueOutcome.Enqueued), StringComparison.Ordinal) == true => answer.Replace(nameof(RunEnqueueOutcome.Enqueued), nameof(RunEnqueueOutcome.Replayed), StringComparison.Ordinal),
        _ when answer?.StartsWith(nameof(RunRequeueOutcome.Requeued), StringComparison.Ordinal) == true => answer,
        _ => null,
    };

    /// <param name="isMoment">Only the clock was moved: the figures, which make the store look at it, are left out, so that the next command has to.</param>
    private async ValueTask ObserveAsync(bool isMoment)
    {
        if (!isMoment)
        {
            var statistics = await _store.GetStatisticsAsync(Token);
            Same(_model.Statistics(), statistics);
            await ObserveRunsAsync();
            RunStoreInvariants.Check(_observed, statistics);
        }
        else
        {
            await ObserveRunsAsync();
        }

        _invariants.Check(_observed, test.Clock.GetUtcNow());
        _observed.RemoveAll(static run => run.Snapshot is null);
        await ObserveSessionsAsync();
    }

    private async ValueTask ObserveRunsAsync()
    {
        foreach (var observed in _observed)
        {
            var run = await _store.GetAsync(observed.Id, Token);
            (observed.Earlier, observed.Snapshot) = (observed.Snapshot, run);
            var model = _model.Find(observed.Id);
            Same("whether there is " + observed.Id, model is not null, run is not null);
            if (model is null || run is null || (ReferenceEquals(run, observed.Earlier) && model.Revision == observed.Revision))
            {
                continue;
            }

            await ObserveEventsAsync(observed, model);
            Same(model, run);
            observed.Revision = model.Revision;
        }
    }

    private async ValueTask ObserveEventsAsync(ObservedRun observed, ModelRun model)
    {
        var known = observed.Events.Count;
        var page = await _store.ReadEventsAsync(observed.Id, known, 1_000, Token);
        observed.Events.AddRange(page!.Events);
        observed.IsTerminalPage = page.IsTerminal;
        Same("last event of " + observed.Id, model.Events.Count, page.LastSequence);
        Same("number of events of " + observed.Id, model.Events.Count, observed.Events.Count);
        for (var i = known; i < observed.Events.Count; i++)
        {
            Same($"event {i + 1} of {observed.Id}", model.Events[i], observed.Events[i]);
        }
    }

    private async ValueTask ObserveSessionsAsync()
    {
        _seenSessions.UnionWith(_model.Sessions);
        foreach (var session in _seenSessions)
        {
            Same(_model.FindSession(session.Owner, session.Id), await _store.GetSessionAsync(session.Owner, session.Id, Token));
        }
    }

    /// <summary>Whatever happened, no run may be stuck: workers that go on, people who answer and a clock that goes on bring each to its end.</summary>
    private async ValueTask DrainAsync()
    {
        var idle = 0;
        for (var round = 0; _model.Runs.Exists(static run => !run.IsEnded); round++)
        {
            if (round > 100)
            {
                var stuck = _model.Runs.Find(static run => !run.IsEnded)!;
                throw new RunStoreModelException($"I4: {stuck.Id} is {stuck.Status} and does not come to its end.");
            }

            var first = _leases.Count;
            await GiveAsync("Claim", () => ClaimAsync(new()
            {
                WorkerId = "last",
                MaxRuns = 3,
                Agents = new Dictionary<string, int> { ["a"] = 3, ["b"] = 3 },
                LeaseDuration = TimeSpan.FromHours(2),
            }), null);
            foreach (var lease in _leases.Skip(first).ToList())
            {
                await GiveAsync("Complete", () => FencedAsync(
                    lease,
                    () => _store.CompleteAsync(lease, new() { Status = AgentRunStatus.Succeeded, Result = "drained" }, Token),
                    () => _model.Complete(lease, new() { Status = AgentRunStatus.Succeeded, Result = "drained" })), null);
            }

            if (_leases.Count == first)
            {
                // What nobody renews comes back in the end.
                await GoOnAsync(++idle % 3 == 0 ? TimeSpan.FromHours(2) : TimeSpan.FromSeconds(4));
            }
        }
    }

    private async ValueTask GoOnAsync(TimeSpan time)
    {
        foreach (var run in _model.Runs.FindAll(static run => run.Status == AgentRunStatus.Waiting))
        {
            await GiveAsync("Answer", () => AnswerAsync(run.Id, run.Open[0].RequestId, Decision(0)), null);
        }

        await GiveAsync("Advance", () => AdvanceAsync(time), null);
        await GiveAsync("Sweep", () => SweepAsync(100), null);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
