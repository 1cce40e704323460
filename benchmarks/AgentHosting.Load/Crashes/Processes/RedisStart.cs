namespace AgentHosting.Load.Crashes.Processes;

/// <summary>How a <c>redis-server</c> is started.</summary>
internal sealed class RedisStart
{
    /// <summary>The folder of its data and log.</summary>
    public string Name { get; init; } = "redis";

    /// <summary>Words for the shell before the program, such as <c>VARIABLE=value </c>; the program must be what the process becomes.</summary>
    public string Before { get; init; } = "";

    /// <summary>Settings of the server.</summary>
    public string Arguments { get; init; } = "";
}
