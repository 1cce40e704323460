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
        catch (InvalidOperationException exception) when (exception.InnerException is null)
        {
            // A misspelt key: what the binder says of it names keys alone.
            throw new InvalidOperationException($"{section.Path} cannot be read. {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Neither the binder's error nor its cause: they repeat the value, and an address may give access.
            var path = section.GetChildren().FirstOrDefault(child => exception.Message.Contains($"'{child.Path}'", StringComparison.Ordinal))?.Path ?? section.Path;
            throw new InvalidOperationException($"{path} cannot be read: its value, which is not repeated here, is not of its kind. Correct or remove it.");
        }
    }
}
