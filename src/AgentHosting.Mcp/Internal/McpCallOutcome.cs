namespace AgentHosting.Mcp.Internal;

/// <summary>How a call of a tool ended.</summary>
internal enum McpCallOutcome
{
    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>The tool gave a result.</summary>
    Ok,

    /// <summary>The tool says that it failed.</summary>
    ToolError,

    /// <summary>The server refused the request.</summary>
    ServerError,

    /// <summary>There was no answer in time.</summary>
    TimedOut,

    /// <summary>The session ended during the call: nobody knows whether the tool ran.</summary>
    Lost,

    /// <summary>The server could not be reached: the tool did not run.</summary>
    Unavailable,

    /// <summary>The server's circuit is open.</summary>
    CircuitOpen,

    /// <summary>The tool's definition is not the one that was accepted.</summary>
    Changed,
}
