using AgentHosting.AspNetCore.Alerts;

namespace AgentHosting.AspNetCore;

/// <summary>Where alerts about spend are posted to. Configuration section <c>AgentHosting:AlertWebhook</c>.</summary>
public class AlertWebhookOptions
{
    /// <summary>The address: <c>https</c>, or <c>http</c> on this machine. Redirects are not followed.</summary>
    /// <value>There is no default.</value>
    public Uri? Url { get; set; }

    /// <summary>The key that requests are signed with: <c>whsec_</c> and 24 to 64 random bytes in base64. It appears in no log and no error.</summary>
    /// <value>There is no default.</value>
    public string? Secret { get; set; }

    /// <summary>How long the receiver may take to answer, at most a day.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan AttemptTimeout { get; set; } = AlertWebhookDefaults.AttemptTimeout;

    /// <summary>How often a request is made again when the receiver cannot be reached, is too slow, or answers 408, 429 or 5xx: 0 to 20 times.</summary>
    /// <value>The default is 5.</value>
    public int MaxRetries { get; set; } = AlertWebhookDefaults.MaxRetries;

    /// <summary>How long the first retry waits, at most a day. Each further one waits about twice as long.</summary>
    /// <value>The default is a second.</value>
    public TimeSpan BaseDelay { get; set; } = AlertWebhookDefaults.BaseDelay;

    /// <summary>The longest that a retry waits, at most a day; also where <c>Retry-After</c> asks for more.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan MaxDelay { get; set; } = AlertWebhookDefaults.MaxDelay;
}
