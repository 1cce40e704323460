using System.ComponentModel.DataAnnotations;
using AgentHosting.ToolValidation;

namespace AgentHosting.Agents;

/// <summary>The settings of one agent. Configuration section <c>AgentHosting:Agents:NAME</c>, which wins over code.</summary>
public class AgentOptions
{
    /// <summary>What the agent is told before the conversation.</summary>
    /// <value>The default is <see langword="null"/>: nothing.</value>
    public string? Instructions { get; set; }

    /// <summary>A file that holds the instructions, read once at start-up. Relative paths start at the content root.</summary>
    /// <value>The default is <see langword="null"/>: <see cref="Instructions"/> is used.</value>
    public string? InstructionsFile { get; set; }

    /// <summary>The name of the model.</summary>
    /// <value>The default is <see langword="null"/>: the first model that was added.</value>
    public string? Model { get; set; }

    /// <summary>The names of tools, registered with <c>AddTool</c>, that the agent may use besides those given in code.</summary>
    public IList<string> Tools { get; } = [];

    /// <summary>The names of tool sources, registered with <c>AddToolSource</c> or <c>AddMcpServer</c>, whose tools the agent may use besides those given in code.</summary>
    public IList<string> ToolSources { get; } = [];

    /// <summary>The most tokens that one model call may produce. Sent with every call.</summary>
    /// <value>The default is 2,048.</value>
    [Range(1, 10_000_000)]
    public int MaxOutputTokens { get; set; } = AgentDefaults.MaxOutputTokens;

    /// <summary>The sampling temperature.</summary>
    /// <value>The default is <see langword="null"/>: the provider's own.</value>
    [Range(0.0, 2.0)]
    public float? Temperature { get; set; }

    /// <summary>How many rounds of tools a run may take (<c>FunctionInvokingChatClient.MaximumIterationsPerRequest</c>). One more model call, without tools, asks for the answer.</summary>
    /// <value>The default is 5.</value>
    [Range(1, 1000)]
    public int MaxIterations { get; set; } = AgentDefaults.MaxIterations;

    /// <summary>
    /// How many tool calls a run may make. A call beyond it is not made; the model is told so, and may still answer. Requests to models are capped by a
    /// <c>TokenBudgetLimit</c> with scope <c>Run</c> and <c>MaxCalls</c>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: as many as the rounds of <see cref="MaxIterations"/> ask for.</value>
    [Range(0, 1_000_000)]
    public int? MaxToolCalls { get; set; }

    /// <summary>Whether tool calls of one response run at the same time.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ConcurrentTools { get; set; }

    /// <summary>What a run does about a tool call that was begun and interrupted, where the tool may not be called twice. A tool may have its own (<c>ToolOptions.OnUnknownOutcome</c>).</summary>
    /// <value>The default is <see cref="UnknownOutcomePolicy.TellModel"/>.</value>
    [EnumDataType(typeof(UnknownOutcomePolicy))]
    public UnknownOutcomePolicy OnUnknownOutcome { get; set; }

    /// <summary>The longest time for one model call in an attempt, its whole stream included, and the wait for an answer in the background.</summary>
    /// <value>The default is 2 minutes.</value>
    public TimeSpan ModelCallTimeout { get; set; } = AgentDefaults.ModelCallTimeout;

    /// <summary>
    /// Whether a provider that can may work an answer out in the background (<c>ChatOptions.AllowBackgroundResponses</c>): when the worker is lost, or a call takes longer than
    /// <see cref="ModelCallTimeout"/>, the next attempt reads the answer on where the provider keeps it instead of paying for another one.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowBackgroundResponses { get; set; }

    /// <summary>How long to wait before a provider is asked again whether an answer in the background is done. One that streams it is not asked.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan BackgroundPollInterval { get; set; } = AgentDefaults.BackgroundPollInterval;

    /// <summary>The longest time for one tool call.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan ToolTimeout { get; set; } = AgentDefaults.ToolTimeout;

    /// <summary>The longest execution time of a run over all its attempts, time in the queue not counted.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan MaxRunDuration { get; set; } = AgentDefaults.MaxRunDuration;

    /// <summary>How long after its acceptance a run expires unless it is done.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan ExpireAfter { get; set; } = AgentDefaults.ExpireAfter;

    /// <summary>How many attempts of a run may fail before the run fails. Shutdowns and lost leases are not failures.</summary>
    /// <value>The default is 3.</value>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = AgentDefaults.MaxAttempts;

    /// <summary>The wait before the second attempt; it doubles with each further one, with full jitter.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan RetryDelay { get; set; } = AgentDefaults.RetryDelay;

    /// <summary>The longest wait between attempts.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan MaxRetryDelay { get; set; } = AgentDefaults.MaxRetryDelay;

    /// <summary>How many runs of this agent one worker executes at once.</summary>
    /// <value>The default is <see langword="null"/>: as many as the worker has room for.</value>
    [Range(1, 100_000)]
    public int? MaxConcurrentRunsPerWorker { get; set; }
}
