using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Models.Internal;

/// <summary>Looks at the price file now and then.</summary>
internal sealed class ModelPriceFileReloader(ModelPriceFile file, TimeProvider timeProvider, IOptions<ModelPriceFileOptions> options) : BackgroundService
{
    private int _looks;

    /// <summary>How often it has looked.</summary>
    internal int Looks => Volatile.Read(ref _looks);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ReloadInterval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.ReloadInterval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            file.Reload();
            Interlocked.Increment(ref _looks);
        }
    }
}
