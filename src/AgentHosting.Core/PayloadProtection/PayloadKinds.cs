namespace AgentHosting.PayloadProtection;

/// <summary>The kinds of payloads: <see cref="PayloadContext.Kind"/>. They are part of what is stored and do not change.</summary>
public static class PayloadKinds
{
    /// <summary>The message of a run.</summary>
    public const string Message = "message";

    /// <summary>The claims and the metadata of a run.</summary>
    public const string Submission = "submission";

    /// <summary>What a step of the journal resulted in: answers of models and tools, answers of people, events from outside.</summary>
    public const string Step = "step";

    /// <summary>What is kept with a step that is not done.</summary>
    public const string Note = "note";

    /// <summary>A piece of the text of an answer.</summary>
    public const string Text = "text";

    /// <summary>What an event carries beside such text.</summary>
    public const string Event = "event";

    /// <summary>What a person is asked: arguments, reason, approver.</summary>
    public const string Wait = "wait";

    /// <summary>The result of a run.</summary>
    public const string Result = "result";

    /// <summary>The error of a run.</summary>
    public const string Error = "error";

    /// <summary>The messages of a run in its session.</summary>
    public const string Turn = "turn";

    /// <summary>A cached answer.</summary>
    public const string CachedAnswer = "cached-answer";
}
