using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>Reads the section after code has set the options, so that an operator's setting wins. A misspelt key is an error.</summary>
internal sealed class AlertWebhookOptionsBinder(IConfiguration? configuration = null) : IPostConfigureOptions<AlertWebhookOptions>
{
    public const string Section = "AlertWebhook";

    public void PostConfigure(string? name, AlertWebhookOptions options)
    {
        if (configuration?.GetSection($"AgentHosting:{Section}") is not { } section)
        {
            return;
        }

        try
        {
            section.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"{section.Path} cannot be read. {exception.Message}", exception);
        }
    }
}
