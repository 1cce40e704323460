using AgentHosting.Redis.Connections.Internal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>
/// Tests the server before anything is served. One that is set up wrongly stops the start-up; one that is not there is waited for beside the host, and tested once
/// it is there, as is whatever answers after a reconnect: set up wrongly, it is not used until it has been put right.
/// </summary>
internal sealed partial class RedisStartup(
    RedisSelfTest test, RedisReadiness readiness, RedisConnection connection, TimeProvider timeProvider, ILogger<RedisStartup> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _restored = new(0);
    private bool _isVerifiedOnce;
    private Task _watching = Task.CompletedTask;

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
        }

        _watching = WatchAsync(_stop.Token);
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stop.Dispose();
        _restored.Dispose();
    }

    /// <summary>Tests until the server is good, and again after each reconnect: it may be another one, after a failover, and set up otherwise.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        string? refused = null;
        IConnectionMultiplexer? watched = null;
        try
        {
            while (true)
            {
                if (watched is null && readiness.Findings.IsVerified)
                {
                    watched = await connection.GetAsync(cancellationToken);
                    watched.ConnectionRestored += OnRestored;
                }

                if (readiness.Findings.IsVerified)
                {
                    refused = null;
                    await _restored.WaitAsync(cancellationToken);
                }

                await Task.Delay(_again, timeProvider, cancellationToken);
                if ((await TestAsync(cancellationToken)).Refusal is { } refusal && refusal != refused)
                {
                    refused = refusal;
                    LogRefused(refusal);
                }
            }
        }
        finally
        {
            if (watched is not null)
            {
                watched.ConnectionRestored -= OnRestored;
            }
        }
    }

    // Many at once, as a restart of the server brings them, are one reason to look.
    private void OnRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        lock (_restored)
        {
            if (_restored.CurrentCount == 0)
            {
                _restored.Release();
            }
        }
    }

    private async Task<RedisFindings> TestAsync(CancellationToken cancellationToken)
    {
        var known = readiness.Findings;
        RedisFindings findings;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(connection.Options.CommandTimeout);
        try
        {
            findings = await test.RunAsync(withScripts: !_isVerifiedOnce, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings = new RedisFindings { Pending = $"Redis did not answer within {connection.Options.CommandTimeout}." };
        }

        if (known.IsVerified && findings.Pending is not null)
        {
            // Away again: the health check sees that by itself, and the next reconnect brings the next test.
            return known;
        }

        readiness.Findings = findings;
        connection.Refusal = findings.Refusal;
        if (findings.IsVerified && !known.IsVerified)
        {
            _isVerifiedOnce = true;
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
