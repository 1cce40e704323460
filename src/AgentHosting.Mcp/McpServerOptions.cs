using System.ComponentModel.DataAnnotations;
using AgentHosting.Mcp.Internal;
using AgentHosting.ToolValidation;

namespace AgentHosting.Mcp;

/// <summary>How one MCP server is reached and what its tools may do. Configuration section <c>AgentHosting:Mcp:Servers:NAME</c>, which wins over code.</summary>
public class McpServerOptions
{
    /// <summary>The program that speaks MCP over its standard input and output. It is started at first use and ended with the host.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="Url"/> is used.</value>
    public string? Command { get; set; }

    /// <summary>The arguments of <see cref="Command"/>, each passed as it is: no shell reads them.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>Environment variables of the program, beside the few that any program needs (<c>PATH</c>, <c>HOME</c>, ...).</summary>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Whether the program gets all environment variables of the host, secrets included.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool InheritEnvironment { get; set; }

    /// <summary>The folder that the program starts in.</summary>
    /// <value>The default is <see langword="null"/>: that of the host.</value>
    public string? WorkingDirectory { get; set; }

    /// <summary>The address of a server that speaks MCP over HTTP (streamable HTTP; the older SSE where a server knows no other).</summary>
    /// <value>The default is <see langword="null"/>: <see cref="Command"/> is used.</value>
    public Uri? Url { get; set; }

    /// <summary>Headers of every request to <see cref="Url"/>, such as <c>Authorization</c>. Redirects are not followed, so they reach no other host.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes the handler of the requests to <see cref="Url"/>, once for each connection, which disposes it.</summary>
    /// <value>The default is <see langword="null"/>: a handler that follows no redirects and keeps no cookies.</value>
    public Func<HttpMessageHandler>? CreateHttpHandler { get; set; }

    /// <summary>The tools that agents may use, by the names that the server gives.</summary>
    /// <value>The default is empty: all.</value>
    public IList<string> AllowedTools { get; } = [];

    /// <summary>The tools that agents may not use, whatever <see cref="AllowedTools"/> says.</summary>
    public IList<string> DeniedTools { get; } = [];

    /// <summary>The tools that may be called twice. A call of one of them that was cut off is made once more; of any other the model is told that its outcome is unknown.</summary>
    public IList<string> IdempotentTools { get; } = [];

    /// <summary>What stands before the name of each tool.</summary>
    /// <value>The default is <see langword="null"/>: nothing, except before names that two sources of an agent share, which get the server's name and <c>_</c>.</value>
    public string? ToolPrefix { get; set; }

    /// <summary>The risk of the tools: <c>Low</c>, <c>Medium</c>, <c>High</c> or <c>Critical</c>. The tools carry it as <see cref="ToolProperties.Risk"/>.</summary>
    /// <value>The default is <see langword="null"/>: they say nothing about it.</value>
    public string? Risk { get; set; }

    /// <summary>Whether a run fails, and is tried again, when the tools of the server are not known and cannot be had. Otherwise it goes on without them.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Required { get; set; }

    /// <summary>The longest time to start or reach the server and agree on the protocol.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = McpDefaults.ConnectTimeout;

    /// <summary>The longest time for one call of a tool, a reconnect included. The agent's <c>ToolTimeout</c> holds too.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan CallTimeout { get; set; } = McpDefaults.CallTimeout;

    /// <summary>How old the list of tools may be. It is asked for sooner when the server says that it has changed, and after a reconnect.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan RefreshInterval { get; set; } = McpDefaults.RefreshInterval;

    /// <summary>How long the program of <see cref="Command"/> may take to end when it is asked to; then it is killed, with what it started.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan ShutdownTimeout { get; set; } = McpDefaults.ShutdownTimeout;

    /// <summary>The most tools that are taken from the server; those beyond are left out, and the log says so.</summary>
    /// <value>The default is 128.</value>
    [Range(1, 10_000)]
    public int MaxTools { get; set; } = McpDefaults.MaxTools;

    /// <summary>The most characters of text that a result may hold; what is beyond is cut off with a note.</summary>
    /// <value>The default is 100,000.</value>
    [Range(100, 100_000_000)]
    public int MaxResultCharacters { get; set; } = McpDefaults.MaxResultCharacters;

    /// <summary>The most bytes that the images, sounds and files of one result may have together (and 64 of them at most); those beyond are left out, with a note.</summary>
    /// <value>The default is 4,194,304.</value>
    [Range(0, 1_000_000_000)]
    public int MaxAttachmentBytes { get; set; } = McpDefaults.MaxAttachmentBytes;

    /// <summary>What happens to a tool whose name, description or schema is not the one that was pinned.</summary>
    /// <value>The default is <see cref="McpToolChangePolicy.Refuse"/>.</value>
    public McpToolChangePolicy OnToolChanged { get; set; }

    /// <summary>Fingerprints of definitions that are accepted although another is pinned. The log names the fingerprint of each tool that was refused. Read anew when configuration is reloaded.</summary>
    public IList<string> AcceptedTools { get; } = [];

    /// <summary>Asked about a tool that has changed and is not in <see cref="AcceptedTools"/>: <see langword="true"/> accepts it for good.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<McpToolChange, CancellationToken, ValueTask<bool>>? AcceptChange { get; set; }

    /// <summary>How many results of the last minute there must be before the server's circuit can open; it opens when half of them are failures.</summary>
    /// <value>The default is 5.</value>
    [Range(1, 1_000_000)]
    public int CircuitMinimumCalls { get; set; } = McpDefaults.CircuitMinimumCalls;

    /// <summary>How long the server is left alone when its circuit opens. Each failed probe doubles it, up to 5 minutes.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan CircuitOpenDuration { get; set; } = McpDefaults.CircuitOpenDuration;
}
