using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using AgentHosting.Load.Options;

namespace AgentHosting.Load.HttpRuns;

/// <summary>Many clients submit runs at once: none is lost or doubled, each gets the answer to its own question, and memory does not grow from round to round.</summary>
internal sealed class HttpRunsScenario : ILoadScenario
{
    private const int WatchedShare = 20;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    public string Name => "http-runs";

    public string Summary => "submits runs to QuickStart over HTTP and checks every answer";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("url", "", "a running QuickStart; without it one is started"),
        new("runs", "2000", "runs a round"),
        new("clients", "50", "clients at once"),
        new("rounds", "1", "rounds; between them, expired runs must be gone"),
        new("retention", "30", "seconds that the started QuickStart keeps ended runs"),
        new("timeout", "300", "seconds a round may take"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var retention = TimeSpan.FromSeconds(options.Number("retention"));
        await using var started = options.Text("url").Length > 0
            ? null
            : await QuickStartProcess.StartAsync(
                [string.Create(CultureInfo.InvariantCulture, $"--AgentHosting:Store:Retention={retention:c}")], StartTimeout, cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = options.Number("clients") * 2 })
        {
            BaseAddress = started?.Address ?? new Uri(options.Text("url")),
        };
        var client = new RunClient(http);
        var clean = true;
        for (var round = 0; round < options.Number("rounds"); round++)
        {
            clean &= await RunRoundAsync(round, options, client, started, retention, results, cancellationToken);
        }

        return clean;
    }

    private static async Task<bool> RunRoundAsync(
        int round, LoadOptions options, RunClient client, QuickStartProcess? started, TimeSpan retention, ResultWriter results, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Number("timeout")));
        var runs = options.Number("runs");
        var oracle = new RunOracle();
        var latencies = new ConcurrentBag<double>();
        var before = started?.ResidentMegabytes();
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, options.Number("clients")).Select(async clientNumber =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < runs)
            {
                latencies.Add(await RunOneAsync(round, number, clientNumber, client, oracle, limit.Token));
            }
        }));
        var seconds = watch.Elapsed.TotalSeconds;
        var after = started?.ResidentMegabytes();
        var notFreed = started is null ? 0 : await CountNotFreedAsync(oracle, client, retention, cancellationToken);
        var sorted = latencies.Order().ToArray();
        results.Write(new JsonObject
        {
            ["name"] = "http-runs",
            ["round"] = round + 1,
            ["runs"] = runs,
            ["clients"] = options.Number("clients"),
            ["completed"] = oracle.Completed,
            ["failed"] = oracle.Failed,
            ["lost"] = oracle.Lost,
            ["doubled"] = oracle.Doubled,
            ["wrong"] = oracle.Wrong,
            ["broken_events"] = oracle.BrokenEvents,
            ["not_freed"] = notFreed,
            ["seconds"] = Math.Round(seconds, 2),
            ["per_s"] = Math.Round(runs / seconds, 1),
            ["p50_ms"] = Math.Round(sorted[sorted.Length / 2], 1),
            ["p99_ms"] = Math.Round(sorted[(int)(sorted.Length * 0.99)], 1),
            ["rss_before_mb"] = before,
            ["rss_after_load_mb"] = after,
            ["rss_after_retention_mb"] = started?.ResidentMegabytes(),
        });
        return oracle.IsClean(runs) && notFreed == 0;
    }

    private static async Task<double> RunOneAsync(
        int round, int number, int clientNumber, RunClient client, RunOracle oracle, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var userId = string.Create(CultureInfo.InvariantCulture, $"user-{clientNumber}");
        var taskId = await client.SubmitAsync(RunOracle.Question(round, number), userId, cancellationToken);
        oracle.Submitted(taskId);
        if (number % WatchedShare == 0)
        {
            oracle.Watched(await client.EventsAsync(taskId, cancellationToken));
        }

        oracle.Ended(round, number, await client.WaitAsync(taskId, cancellationToken));
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Waits past the retention and counts the runs that are still there.</summary>
    private static async Task<int> CountNotFreedAsync(RunOracle oracle, RunClient client, TimeSpan retention, CancellationToken cancellationToken)
    {
        // The janitor comes every 5 seconds and removes a bounded number at a time.
        await Task.Delay(retention + TimeSpan.FromSeconds(12), TimeProvider.System, cancellationToken);
        var left = 0;
        foreach (var taskId in oracle.TaskIds)
        {
            left += await client.StatusAsync(taskId, cancellationToken) is null ? 0 : 1;
        }

        return left;
    }
}
