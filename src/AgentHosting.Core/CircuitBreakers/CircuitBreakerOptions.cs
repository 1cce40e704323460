using System.ComponentModel.DataAnnotations;
using AgentHosting.CircuitBreakers.Internal;
using AgentHosting.Failures;

namespace AgentHosting.CircuitBreakers;

/// <summary>When calls to a model that fails are refused. Configuration section <c>AgentHosting:CircuitBreaker[:NAME]</c>, which wins over code.</summary>
public class CircuitBreakerOptions
{
    /// <summary>The share of failures in the window from which the circuit opens, above 0 and up to 1.</summary>
    /// <value>The default is 0.5.</value>
    [Range(0.001, 1.0)]
    public double FailureRatio { get; set; } = CircuitBreakerDefaults.FailureRatio;

    /// <summary>How many results the window must hold before the circuit can open: one failure of one says little.</summary>
    /// <value>The default is 10.</value>
    [Range(1, 1_000_000)]
    public int MinimumCalls { get; set; } = CircuitBreakerDefaults.MinimumCalls;

    /// <summary>The length of the sliding window. It moves in steps of a tenth.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan Window { get; set; } = CircuitBreakerDefaults.Window;

    /// <summary>How long the circuit stays open the first time. Each failed probe doubles it.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan OpenDuration { get; set; } = CircuitBreakerDefaults.OpenDuration;

    /// <summary>The most that doubling leads to.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan MaxOpenDuration { get; set; } = CircuitBreakerDefaults.MaxOpenDuration;

    /// <summary>How many probes must succeed, one after the other, before the circuit closes.</summary>
    /// <value>The default is 2.</value>
    [Range(1, 1000)]
    public int SuccessesToClose { get; set; } = CircuitBreakerDefaults.SuccessesToClose;

    /// <summary>
    /// How long a probe holds its permit at most. After it another call may probe, since the process that held the permit may have been killed. A probe that
    /// succeeds later counts all the same.
    /// </summary>
    /// <value>The default is 2 minutes.</value>
    public TimeSpan ProbeLease { get; set; } = CircuitBreakerDefaults.ProbeLease;

    /// <summary>
    /// How long calls are refused after a rate limit (429) that names no <c>Retry-After</c>. After one that does they are refused for as long as it says, up to
    /// <see cref="MaxRateLimitPause"/>.
    /// </summary>
    /// <value>The default is zero: not at all.</value>
    public TimeSpan RateLimitPause { get; set; }

    /// <summary>
    /// The longest pause after a rate limit, whatever its <c>Retry-After</c> says; then the model is asked again. A <c>Retry-After</c> of hours is that of one
    /// key, region or kind of request, or a mistake, while the pause holds for all callers: being asked in vain every few minutes costs a provider nothing, a
    /// model that is left alone for a day costs its users the day.
    /// </summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan MaxRateLimitPause { get; set; } = CircuitBreakerDefaults.MaxRateLimitPause;

    /// <summary>The name under which the state is kept. Set it where one store serves two clients whose models have the same name.</summary>
    /// <value>The default is <see langword="null"/>: the name of the model that is called.</value>
    public string? Key { get; set; }

    /// <summary>
    /// Which failures count against the model. The caller's cancellation, refusals of our own and rate limits never do and are not asked about. When it throws,
    /// the failure does not count: the caller gets the error of the model, and the log what was thrown.
    /// </summary>
    /// <value>The default is <see cref="ChatFailure.IsHealthSignal"/>.</value>
    public Func<ChatFailure, bool>? ShouldHandle { get; set; }

    /// <summary>The same options for a client whose state is kept under a name of its own.</summary>
    internal CircuitBreakerOptions WithKey(string key)
    {
        var copy = (CircuitBreakerOptions)MemberwiseClone();
        copy.Key = key;
        return copy;
    }
}
