namespace AgentHosting.ToolValidation;

/// <summary>Why a tool call gave no result: the tag on metrics, and in a run the code of the event's error.</summary>
public static class ToolErrorCodes
{
    /// <summary>The arguments are not valid JSON, too large, or not what the tool's schema asks for.</summary>
    public const string InvalidArguments = "invalid_arguments";

    /// <summary>The tool's schema cannot be read, so that nothing can be checked against it.</summary>
    public const string InvalidSchema = "invalid_schema";

    /// <summary>There is no tool of that name.</summary>
    public const string UnknownTool = "unknown_tool";

    /// <summary>A policy denied the call.</summary>
    public const string Denied = "tool_denied";

    /// <summary>The call needs the approval of a person, which it does not have.</summary>
    public const string ApprovalRequired = "approval_required";

    /// <summary>A person rejected the call.</summary>
    public const string Rejected = "approval_rejected";

    /// <summary>The call was begun before its worker was lost, and may have been made. It is not made again.</summary>
    public const string OutcomeUnknown = "tool_outcome_unknown";

    /// <summary>The tool took too long.</summary>
    public const string Timeout = "tool_timeout";

    /// <summary>The tool threw an exception.</summary>
    public const string Failed = "tool_failed";

    /// <summary>The tool failed too often and is left alone for a while.</summary>
    public const string Unavailable = "tool_unavailable";

    /// <summary>The tool is called too often, or by too many at once.</summary>
    public const string RateLimited = "tool_rate_limited";

    /// <summary>The run has made the calls that it may make.</summary>
    public const string CallLimit = "tool_call_limit";

    /// <summary>Tools that call agents that call tools are nested too deep.</summary>
    public const string Nesting = "tool_nesting";
}
