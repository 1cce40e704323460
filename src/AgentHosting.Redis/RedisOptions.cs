using System.ComponentModel.DataAnnotations;

namespace AgentHosting.Redis;

/// <summary>How the host uses Redis. Configuration section <c>AgentHosting:Redis</c> wins over code.</summary>
public class RedisOptions
{
    /// <summary>Begins the name of every key, so that several applications may share a Redis.</summary>
    /// <value>The default is <c>ah</c>.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]{1,64}", ErrorMessage = "KeyPrefix has 1 to 64 letters, digits, '_', '.' and '-'.")]
    public string KeyPrefix { get; set; } = "ah";

    /// <summary>The queue of runs that the host submits to and its workers take from. Hosts with another queue see none of its runs.</summary>
    /// <value>The default is <c>default</c>.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]{1,64}", ErrorMessage = "Queue has 1 to 64 letters, digits, '_', '.' and '-'.")]
    public string Queue { get; set; } = "default";

    /// <summary>How long a command may take. After it the caller gets a <see cref="AgentHosting.Runs.RunStoreUnavailableException"/>, or a <see cref="TimeoutException"/> of other commands than those of runs, and does not know whether the command was carried out; all may be repeated.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>When a run counts as accepted, and its end as stored.</summary>
    /// <value>The default is <see cref="RedisDurability.Fast"/>.</value>
    public RedisDurability Durability { get; set; }
}
