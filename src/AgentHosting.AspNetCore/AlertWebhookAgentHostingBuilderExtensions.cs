using AgentHosting.AspNetCore;
using AgentHosting.AspNetCore.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Posts alerts about spend to a webhook.</summary>
public static class AlertWebhookAgentHostingBuilderExtensions
{
    /// <summary>
    /// Posts each alert as signed JSON, as the Standard Webhooks specification describes it. It runs beside the calls, and is retried. Configuration section
    /// <c>AgentHosting:AlertWebhook</c> wins over what is set here; both are validated when the host starts.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets address and secret.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddSpendAlertWebhook(this IAgentHostingBuilder builder, Action<AlertWebhookOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddOptionsWithValidateOnStart<AlertWebhookOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (builder.Services.Any(static service => service.ServiceType == typeof(IValidateOptions<AlertWebhookOptions>)))
        {
            return builder;
        }

        builder.Services.AddSingleton<IValidateOptions<AlertWebhookOptions>, AlertWebhookOptionsValidator>();
        builder.Services.AddSingleton<IPostConfigureOptions<AlertWebhookOptions>, AlertWebhookOptionsBinder>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        // Without the client's own log and span, which hold the address: receivers put their secret into its path.
        builder.Services.AddHttpClient(SpendAlertWebhook.ClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null });
        return builder.AddConfigurationSection(AlertWebhookOptionsBinder.Section).AddSpendAlertHandler<SpendAlertWebhook>();
    }
}
