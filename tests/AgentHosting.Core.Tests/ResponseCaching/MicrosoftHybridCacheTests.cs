using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class MicrosoftHybridCacheTests : SharedCacheCompliance
{
    protected override void AddCache(IServiceCollection services, IDistributedCache store) => services.AddSingleton(store).AddHybridCache();
}
