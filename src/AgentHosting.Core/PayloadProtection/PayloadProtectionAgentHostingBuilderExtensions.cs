using System.Diagnostics.CodeAnalysis;
using AgentHosting.PayloadProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentHosting;

/// <summary>Protects payloads at rest.</summary>
public static class PayloadProtectionAgentHostingBuilderExtensions
{
    /// <summary>
    /// Protects what stores outside of this process keep of content with a protector of your own, created once by the host's services. Replaces one that was set before. Without any,
    /// content is stored as it is. What is kept in the memory of this process is not protected.
    /// </summary>
    /// <typeparam name="TProtector">The protector.</typeparam>
    /// <param name="builder">The host's builder.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder UsePayloadProtector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProtector>(this IAgentHostingBuilder builder)
        where TProtector : class, IPayloadProtector
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IPayloadProtector, TProtector>());
        return builder;
    }
}
