using AgentHosting.AspNetCore.PayloadProtection;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting;

/// <summary>Protects payloads at rest with ASP.NET Core Data Protection.</summary>
public static class DataProtectionAgentHostingBuilderExtensions
{
    /// <summary>
    /// Protects what stores outside of this process keep of content, with the key ring of ASP.NET Core Data Protection. All processes that share a store need one key ring that outlives them, and
    /// one application name: <c>services.AddDataProtection().SetApplicationName("support").PersistKeysTo…</c>, as Data Protection keeps keys on this machine, and apart for each folder, by default.
    /// A key that is deleted or revoked takes with it what it protected. What is kept in the memory of this process is not protected.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <returns>The builder.</returns>
    public static IAgentHostingBuilder UseDataProtection(this IAgentHostingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddDataProtection();
        return builder.UsePayloadProtector<DataProtectionPayloadProtector>();
    }
}
