namespace AgentHosting.Runs;

/// <summary>The codes of <see cref="AgentRunError.Code"/>.</summary>
public static class AgentRunErrorCodes
{
    /// <summary>The model could not be called, or its answer was unusable.</summary>
    public const string ModelCallFailed = "model_call_failed";

    /// <summary>A model call took longer than the agent's <c>ModelCallTimeout</c>.</summary>
    public const string ModelCallTimeout = "model_call_timeout";

    /// <summary>The run took longer than the agent's <c>MaxRunDuration</c>.</summary>
    public const string RunTimeout = "run_timeout";

    /// <summary>The agent asked for more rounds of tools than <c>MaxIterations</c> allows and gave no answer.</summary>
    public const string IterationLimit = "iteration_limit";

    /// <summary>Workers died while they held the run, more often than allowed.</summary>
    public const string CrashLimit = "crash_limit";

    /// <summary>The run was not done before it expired.</summary>
    public const string Expired = "expired";

    /// <summary>A source of the agent's tools could not be asked, and the run cannot go on without it.</summary>
    public const string ToolsUnavailable = "tools_unavailable";

    /// <summary>A request of the run was refused by the host, for example by a limit.</summary>
    public const string Rejected = "rejected";

    /// <summary>A budget did not cover a request of the run. The message names the limit, what is left of it and when it resets.</summary>
    public const string BudgetExceeded = "budget_exceeded";

    /// <summary>
    /// A later attempt asked another question than the one that the journal answers: the code of the agent or of a tool has changed and takes another way, so that the run cannot go on from
    /// there. It is not tried again.
    /// </summary>
    public const string JournalMismatch = "journal_mismatch";

    /// <summary>
    /// What is stored of the run or of its session cannot be unprotected by the worker that got it: its keys are not those of the process that stored it, or somebody has changed the store. Not tried
    /// again; it can be requeued once the keys are there.
    /// </summary>
    public const string PayloadUnreadable = "payload_unreadable";

    /// <summary>An error of the host or of the agent's code.</summary>
    public const string Internal = "internal_error";
}
