using System.ComponentModel.DataAnnotations;
using AgentHosting.Timeouts.Internal;

namespace AgentHosting.Timeouts;

/// <summary>The time limits of a model call. Each names itself in its <see cref="Failures.ChatTimeoutException"/>.</summary>
public class TimeoutOptions
{
    /// <summary>
    /// The whole call, from its start to the finish reason of its answer. Of a stream the time spent waiting for the provider counts, not that which the
    /// caller takes to read. <see langword="null"/> for no limit.
    /// </summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan? Total { get; set; } = TimeoutDefaults.Total;

    /// <summary>
    /// In a stream: the wait from its start to the first content (text, tool call, visible reasoning). Updates without content do not end it. <see langword="null"/>
    /// for no limit.
    /// </summary>
    /// <value>The default is 30 s.</value>
    public TimeSpan? FirstToken { get; set; } = TimeoutDefaults.FirstToken;

    /// <summary>
    /// In a stream: the longest wait for the next update once content has come. Time that the caller takes to read does not count. After the finish reason it
    /// ends the stream instead of failing it, since the answer is whole. <see langword="null"/> for no limit.
    /// </summary>
    /// <value>The default is 30 s.</value>
    public TimeSpan? Idle { get; set; } = TimeoutDefaults.Idle;

    /// <summary>What <see cref="Total"/> is called in errors, logs and metrics: <c>attempt</c> below a retry, <c>call</c> above it.</summary>
    /// <value>The default is <c>attempt</c>.</value>
    [Required]
    public string Name { get; set; } = TimeoutDefaults.Name;
}
