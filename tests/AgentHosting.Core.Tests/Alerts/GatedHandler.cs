using System.Collections.Concurrent;
using System.Threading.Channels;
using AgentHosting.Alerts;

namespace AgentHosting.Core.Tests.Alerts;

/// <summary>Keeps what it is told, and does what the test says about it.</summary>
internal sealed class GatedHandler(Func<SpendAlert, CancellationToken, Task>? then = null) : ISpendAlertHandler
{
    private readonly Channel<SpendAlert> _told = Channel.CreateUnbounded<SpendAlert>();

    public ConcurrentQueue<SpendAlert> Told { get; } = new();

    public async ValueTask HandleAsync(SpendAlert alert, CancellationToken cancellationToken)
    {
        Told.Enqueue(alert);
        _told.Writer.TryWrite(alert);
        if (then is not null)
        {
            await then(alert, cancellationToken);
        }
    }

    /// <summary>Ends when it was told once more.</summary>
    public async Task NextAsync() => await _told.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
