using System.Globalization;
using Microsoft.Extensions.Options;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>Names the configuration key of what is wrong. Neither the secret nor the address is repeated: both may give access.</summary>
internal sealed class AlertWebhookOptionsValidator : IValidateOptions<AlertWebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, AlertWebhookOptions options)
    {
        List<string> errors = [];
        if (options.Url is null)
        {
            Add(nameof(options.Url), "is not set. Set the address that alerts are posted to.");
        }
        else if (!options.Url.IsAbsoluteUri || !IsSafe(options.Url))
        {
            Add(nameof(options.Url), "is no https address. Use https://; http:// only for this machine (localhost, 127.0.0.1, [::1]).");
        }
        else if (options.Url.UserInfo.Length > 0)
        {
            Add(nameof(options.Url), "holds a user name or password, which are not sent. Remove them: requests are signed.");
        }

        if (string.IsNullOrEmpty(options.Secret))
        {
            Add(nameof(options.Secret), "is not set. Set whsec_ and 24 to 64 random bytes in base64.");
        }
        else if (WebhookSigner.TryParse(options.Secret) is null)
        {
            Add(nameof(options.Secret), "is no signing secret. Use whsec_ and 24 to 64 random bytes in base64.");
        }

        if (options.MaxRetries is < 0 or > 20)
        {
            Add(nameof(options.MaxRetries), string.Create(CultureInfo.InvariantCulture, $"is {options.MaxRetries}. Use a value between 0 and 20."));
        }

        CheckTime(options.AttemptTimeout, nameof(options.AttemptTimeout));
        CheckTime(options.BaseDelay, nameof(options.BaseDelay));
        CheckTime(options.MaxDelay, nameof(options.MaxDelay));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Add(string key, string what) => errors.Add($"AgentHosting:{AlertWebhookOptionsBinder.Section}:{key} {what}");

        void CheckTime(TimeSpan value, string key)
        {
            if (value < TimeSpan.FromMilliseconds(10) || value > TimeSpan.FromDays(1))
            {
                Add(key, $"is {value}. Use a time from 10 milliseconds up to 1 day. A number alone means days: 30 is 30 days; for 30 seconds write 00:00:30.");
            }
        }
    }

    private static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);
}
