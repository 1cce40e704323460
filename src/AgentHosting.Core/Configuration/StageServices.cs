using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting;

/// <summary>What a stage uses of the services that its pipeline is built with. All of it may be missing.</summary>
internal readonly struct StageServices(IServiceProvider provider)
{
    public IServiceProvider Provider => provider;

    public TimeProvider Time => Get<TimeProvider>() ?? TimeProvider.System;

    public IMeterFactory? Meters => Get<IMeterFactory>();

    public ILogger<TStage> Logger<TStage>() => Get<ILoggerFactory>()?.CreateLogger<TStage>() ?? NullLogger<TStage>.Instance;

    public TService? Get<TService>()
        where TService : class => provider.GetService<TService>();

    /// <summary>All of a kind. Not <c>GetServices</c>: a pipeline that is built without services has not even an empty list of them.</summary>
    public IEnumerable<TService> GetAll<TService>()
        where TService : class => (IEnumerable<TService>?)provider.GetService(typeof(IEnumerable<TService>)) ?? [];
}
