using System.ComponentModel.DataAnnotations;

namespace AgentHosting.Runs;

/// <summary>How this process executes runs. Configuration section <c>AgentHosting:Worker</c>.</summary>
public class AgentWorkerOptions
{
    /// <summary>Whether this process executes runs. Switch it off in a process that only accepts them.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>How many runs this process executes at once.</summary>
    /// <value>The default is 16.</value>
    [Range(1, 100_000)]
    public int MaxConcurrentRuns { get; set; } = 16;

    /// <summary>How long a lease lasts without renewal: the time after which another worker takes over a run whose worker died.</summary>
    /// <value>The default is 30 seconds. It is renewed after a third of it.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker that shuts down lets its runs go on before it hands them back. The host's own <c>HostOptions.ShutdownTimeout</c> (30 seconds) ends the wait earlier.</summary>
    /// <value>The default is 25 seconds.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The longest wait between two looks at the queue, for the case that a wake-up is lost.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often expired leases are recovered and old records removed.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many times the lease of a run may be lost before the run fails.</summary>
    /// <value>The default is 5.</value>
    [Range(0, 1000)]
    public int MaxCrashes { get; set; } = 5;

    /// <summary>How often text that streams in is passed on to watchers; the first piece goes at once.</summary>
    /// <value>The default is 40 milliseconds.</value>
    public TimeSpan EventFlushInterval { get; set; } = TimeSpan.FromMilliseconds(40);
}
