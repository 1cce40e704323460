using System.ComponentModel.DataAnnotations;
using AgentHosting.RateLimits.Internal;

namespace AgentHosting.RateLimits;

/// <summary>How many requests and tokens are sent to a model. Limits of the model itself (<see cref="Models.ModelOptions"/>) win over those here.</summary>
public class ModelRateLimitOptions
{
    /// <summary>The most requests in any minute, for each model.</summary>
    /// <value>The default is <see langword="null"/>: only the limit of the model itself.</value>
    [Range(1, 1_000_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>The most tokens in any minute, input and output together, for each model.</summary>
    /// <value>The default is <see langword="null"/>: only the limit of the model itself.</value>
    [Range(1, 1_000_000_000)]
    public int? TokensPerMinute { get; set; }

    /// <summary>How long a request waits until it fits, at most a day. One that would have to wait longer is refused at once.</summary>
    /// <value>The default is zero: it is refused at once.</value>
    public TimeSpan MaxWait { get; set; }

    /// <summary>How many requests to one model wait at once; one more is refused at once. They are served in the order in which they came.</summary>
    /// <value>The default is 1,000.</value>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; set; } = RateLimitDefaults.QueueLimit;

    /// <summary>The output tokens that are taken for a request when neither it nor the model limits them. It is not sent to the provider.</summary>
    /// <value>The default is 4,096.</value>
    [Range(1, 10_000_000)]
    public int DefaultMaxOutputTokens { get; set; } = RateLimitDefaults.MaxOutputTokens;

    /// <summary>What becomes of a request while the limiter does not answer.</summary>
    /// <value>The default is <see cref="RateLimiterFailurePolicy.Allow"/>, since the provider has limits of its own.</value>
    public RateLimiterFailurePolicy LimiterFailure { get; set; }

    /// <summary>The name under which requests are counted. Set it where one limiter serves two clients whose models have the same name.</summary>
    /// <value>The default is <see langword="null"/>: the name of the model that is called.</value>
    public string? Key { get; set; }

    /// <summary>The same options for a client that is counted under a name of its own.</summary>
    internal ModelRateLimitOptions WithKey(string key)
    {
        var copy = (ModelRateLimitOptions)MemberwiseClone();
        copy.Key = key;
        return copy;
    }
}
