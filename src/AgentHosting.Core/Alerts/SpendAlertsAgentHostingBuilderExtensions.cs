using System.Diagnostics.CodeAnalysis;
using AgentHosting.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentHosting;

/// <summary>Registers who is told of alerts about spend.</summary>
public static class SpendAlertsAgentHostingBuilderExtensions
{
    /// <summary>Changes how alerts are told. Configuration section <c>AgentHosting:SpendAlerts</c> wins over it. Every alert is logged and counted without it.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddSpendAlerts(this IAgentHostingBuilder builder, Action<SpendAlertsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>Adds a handler, created once. There may be several; each has a queue of its own, so that none holds up another.</summary>
    /// <typeparam name="THandler">The handler. Added again, it is there once.</typeparam>
    /// <param name="builder">The host's builder.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder AddSpendAlertHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IAgentHostingBuilder builder)
        where THandler : class, ISpendAlertHandler
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ISpendAlertHandler, THandler>());
        return builder;
    }
}
