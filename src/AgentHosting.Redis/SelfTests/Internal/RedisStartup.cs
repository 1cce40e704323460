using AgentHosting.Redis.Connections.Internal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>
/// Tests the server before anything is served. One that is set up wrongly stops the start-up; one that is not there is waited for beside the host, and tested once
/// it is there: set up wrongly, it is not used until it has been put right.
/// </summary>
internal sealed partial class RedisStartup(
    RedisSelfTest test, RedisReadiness readiness, RedisConnection connection, TimeProvider timeProvider, ILogger<RedisStartup> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = logger;
    private Task _waiting = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var findings = await TestAsync(cancellationToken);
        if (findings.Refusal is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }

        if (findings.Pending is { } reason)
        {
            LogNotReached(reason);
            _waiting = WaitAsync(_stop.Token);
        }
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        string? refused = null;
        while (!readiness.Findings.IsVerified)
        {
            await Task.Delay(_again, timeProvider, cancellationToken);
            if ((await TestAsync(cancellationToken)).Refusal is { } refusal && refusal != refused)
            {
                refused = refusal;
                LogRefused(refusal);
            }
        }
    }

    private async Task<RedisFindings> TestAsync(CancellationToken cancellationToken)
    {
        RedisFindings findings;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(connection.Options.CommandTimeout);
        try
        {
            findings = await test.RunAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings = new RedisFindings { Pending = $"Redis did not answer within {connection.Options.CommandTimeout}." };
        }

        readiness.Findings = findings;
        connection.Refusal = findings.Refusal;
        if (findings.IsVerified)
        {
            LogFindings(findings);
        }

        return findings;
    }

    private void LogFindings(RedisFindings findings)
    {
        LogVerified(findings.Version);
        if (findings.LosesOnRestart)
        {
            LogNotPersistent();
        }

        if (findings.IsEvictionUnknown)
        {
            LogEvictionUnknown();
        }

        if (findings.ClusterPrimaries > 0)
        {
            LogCluster(findings.ClusterPrimaries);
        }
    }
}
