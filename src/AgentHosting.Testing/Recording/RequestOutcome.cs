namespace AgentHosting.Testing;

/// <summary>How a recorded request ended.</summary>
public enum RequestOutcome
{
    /// <summary>It has not ended.</summary>
    InFlight,

    /// <summary>The answer was delivered to its last update or byte.</summary>
    Completed,

    /// <summary>It failed: by the script, by a malformed request, or because the server stopped.</summary>
    Failed,

    /// <summary>The caller's token was cancelled; at the server: the client closed the connection before the end.</summary>
    Cancelled,

    /// <summary>The caller stopped reading the stream before its end. The server cannot tell this from <see cref="Cancelled"/> and reports that.</summary>
    Abandoned,
}
