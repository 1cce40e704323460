using System.Text.Json;

namespace AgentHosting.Runs;

/// <summary>What a run waits for: the answer of a person, a time, or an event from outside. Its answer becomes a step of the journal.</summary>
public sealed class RunWait
{
    /// <summary>The step key under which the answer is journaled.</summary>
    public required string Key { get; init; }

    /// <summary>The name by which it is answered from outside. The same in every attempt of the run.</summary>
    public required string RequestId { get; init; }

    /// <summary>The kind of the step that the answer becomes.</summary>
    public required RunStepKind Kind { get; init; }

    /// <summary>The tool that is to be approved, or the name of the question, the timer or the event.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's id of the tool call.</summary>
    public string? CallId { get; init; }

    /// <summary>The arguments of the tool call as people see them: filtered by the host's output guard.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>Why a person is asked, or the question.</summary>
    public string? Reason { get; init; }

    /// <summary>The policy that an approver must satisfy; <see langword="null"/> for the run's owner.</summary>
    public string? Approver { get; init; }

    /// <summary>How long it may stay open. Then <see cref="AnswerWhenDue"/> is the answer.</summary>
    /// <value>The default is <see langword="null"/>: for ever.</value>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What counts as the answer when the time is up.</summary>
    public RunAnswer? AnswerWhenDue { get; set; }

    /// <summary>What counts as the answer when a later message of the session supersedes it.</summary>
    /// <value>The default is <see langword="null"/>: the run cannot go on without its own answer, and is cancelled.</value>
    public RunAnswer? AnswerWhenSuperseded { get; set; }

    /// <summary>When it was opened. Set by the store.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its time is up; <see langword="null"/> for never. Set by the store.</summary>
    public DateTimeOffset? DueAt { get; init; }

    internal RunWait Answered(RunAnswer whenDue, RunAnswer? whenSuperseded = null)
    {
        var copy = Opened(CreatedAt, DueAt);
        copy.AnswerWhenDue = whenDue;
        copy.AnswerWhenSuperseded = whenSuperseded;
        return copy;
    }

    /// <summary>A copy with the times that the store gives.</summary>
    /// <param name="createdAt">When it was opened.</param>
    /// <param name="dueAt">When its time is up.</param>
    /// <returns>The copy.</returns>
    public RunWait Opened(DateTimeOffset createdAt, DateTimeOffset? dueAt) => new()
    {
        Key = Key,
        RequestId = RequestId,
        Kind = Kind,
        Name = Name,
        CallId = CallId,
        Arguments = Arguments,
        Reason = Reason,
        Approver = Approver,
        Timeout = Timeout,
        AnswerWhenDue = AnswerWhenDue,
        AnswerWhenSuperseded = AnswerWhenSuperseded,
        CreatedAt = createdAt,
        DueAt = dueAt,
    };
}
