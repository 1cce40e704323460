using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>Compares what a store shows with what the model holds.</summary>
internal static class RunStoreComparison
{
    public static void Same<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new RunStoreModelException($"{what}: the store says {actual?.ToString() ?? "nothing"}, the model {expected?.ToString() ?? "nothing"}.");
        }
    }

    public static void Same(ModelRun model, AgentRun run)
    {
        Same("status of " + run.Id, model.Status, run.Status);
        Same("times of " + run.Id, (model.CreatedAt, model.StartedAt, model.CompletedAt, model.ExpiresAt), (run.CreatedAt, run.StartedAt, run.CompletedAt, run.ExpiresAt));
        Same("counts of " + run.Id, (model.Attempts, model.Failures, model.Crashes, model.Elapsed), (run.Attempts, run.Failures, run.Crashes, run.ElapsedInAttempts));
        Same("bill of " + run.Id, (model.Cost, model.Tokens), (run.Cost, run.Usage.TotalTokens));
        Same("end of " + run.Id, (model.Result, model.Error?.Code, model.Error?.Message), (run.Result, run.Error?.Code, run.Error?.Message));
        Same("origin of " + run.Id, (model.OriginId, model.RequeuedAs), (run.OriginId, run.RequeuedAs));
        Same(
            "submission of " + run.Id,
            (model.Submission.Agent, model.Submission.Message, model.Submission.SessionId, model.Submission.Priority, Facts(model.Submission.Identity)),
            (run.Agent, run.Message, run.SessionId, run.Priority, Facts(run.Identity)));
        var steps = model.Steps.FindAll(static entry => entry.Step.Kind != RunStepKind.Start);
        Same("number of steps of " + run.Id, steps.Count, run.Steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            Same($"step {i} of {run.Id}", Facts(steps[i].Step) with { Replayed = steps[i].Claim < model.Claims }, Facts(run.Steps[i]));
            Same($"payload of step {i} of {run.Id}", 0, run.Steps[i].Payload.Length);
        }

        Same("number of waits of " + run.Id, model.Open.Count, run.Waits.Count);
        for (var i = 0; i < model.Open.Count; i++)
        {
            Same($"wait {i} of {run.Id}", Facts(model.Open[i]), Facts(run.Waits[i]));
        }
    }

    public static void Same(string what, AgentRunEvent expected, AgentRunEvent actual)
    {
        Same(what, (expected.Sequence, expected.At, expected.Type), (actual.Sequence, actual.At, actual.Type));
        Same(what, (expected.Attempt, expected.Step, expected.Kind, expected.Name, expected.Text), (actual.Attempt, actual.Step, actual.Kind, actual.Name, actual.Text));
        Same(what, (expected.Result, expected.Error?.Code, expected.Cost, expected.Usage?.TotalTokens), (actual.Result, actual.Error?.Code, actual.Cost, actual.Usage?.TotalTokens));
        Same(what, (expected.RunId, expected.Agent, expected.RequestId, expected.HasEffects), (actual.RunId, actual.Agent, actual.RequestId, actual.HasEffects));
    }

    public static void Same(ModelSession? model, SessionTranscript? session, int? turns = null)
    {
        Same("session", model?.Id, session?.SessionId);
        if (model is null || session is null)
        {
            return;
        }

        var count = turns ?? model.Turns.Count;
        Same("version of session " + model.Id, count, session.Version);
        Same("turns of session " + model.Id, count, session.Turns.Count);
        for (var i = 0; i < count; i++)
        {
            var (expected, actual) = (model.Turns[i], session.Turns[i]);
            Same($"turn {i} of session {model.Id}", (expected.RunId, expected.Version, expected.Message, expected.PartialText), (actual.RunId, actual.Version, actual.Message, actual.PartialText));
            Same($"messages of turn {i}", true, expected.Messages.Span.SequenceEqual(actual.Messages.Span));
            Same($"unanswered of turn {i}", true, expected.Unanswered.SequenceEqual(actual.Unanswered));
            SameJournal($"journal of turn {i} of session {model.Id}", expected.Journal, actual.Journal);
        }
    }

    public static void SameJournal(string what, IReadOnlyList<RunStep> expected, IReadOnlyList<RunStep> actual)
    {
        Same("length of " + what, expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            SameStep(what, expected[i], actual[i]);
        }
    }

    /// <summary>The whole of a step: what a replay is made from.</summary>
    public static void SameStep(string what, RunStep? expected, RunStep? actual)
    {
        Same(what, (expected?.Key, expected?.Kind, expected?.Name, expected?.Attempt, expected?.Version), (actual?.Key, actual?.Kind, actual?.Name, actual?.Attempt, actual?.Version));
        Same("payload in " + what, true, expected is null || actual is null || expected.Payload.Span.SequenceEqual(actual.Payload.Span));
    }

    public static void Same(RunStoreStatistics expected, RunStoreStatistics actual) => Same(
        "statistics (ready, blocked, waiting, running, retained, dead letters, bytes, age)",
        (expected.Ready, expected.Blocked, expected.Waiting, expected.Running, expected.Retained, expected.DeadLetters, expected.UnfinishedBytes, expected.OldestReadyAge),
        (actual.Ready, actual.Blocked, actual.Waiting, actual.Running, actual.Retained, actual.DeadLetters, actual.UnfinishedBytes, actual.OldestReadyAge));

    private static (string Key, RunStepKind Kind, string Name, int Attempt, TimeSpan Duration, decimal? Cost, bool HasEffects, bool Replayed) Facts(RunStep step) =>
        (step.Key, step.Kind, step.Name, step.Attempt, step.Duration, step.Cost, step.HasEffects, step.Replayed);

    private static (string? TenantId, string UserId, string Claims) Facts(AgentIdentity identity) =>
        (identity.TenantId, identity.UserId, string.Join(' ', identity.Claims.Select(static claim => $"{claim.Type}={claim.Value}")));

    private static (string Key, string RequestId, RunStepKind Kind, string Name, DateTimeOffset CreatedAt, DateTimeOffset? DueAt) Facts(RunWait wait) =>
        (wait.Key, wait.RequestId, wait.Kind, wait.Name, wait.CreatedAt, wait.DueAt);
}
