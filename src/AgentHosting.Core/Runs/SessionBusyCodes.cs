namespace AgentHosting.Runs;

/// <summary>The values of <see cref="SessionBusyException.Code"/>.</summary>
public static class SessionBusyCodes
{
    /// <summary>The session has a run that is not done, and the submission says <see cref="SessionBusyPolicy.Reject"/>.</summary>
    public const string Busy = "session_busy";

    /// <summary>The session's first run waits for an answer, and the submission would wait as long.</summary>
    public const string Waiting = "session_waiting";

    /// <summary>The session's first run has called a tool with effects, so that it cannot be rolled back.</summary>
    public const string RollbackRefused = "rollback_refused";
}
