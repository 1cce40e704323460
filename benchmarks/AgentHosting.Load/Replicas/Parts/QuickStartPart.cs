using System.Globalization;
using System.Text.Json.Nodes;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.HttpRuns;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>Three QuickStart replicas on one Redis, with the provider that <c>OPENAI_BASE_URL</c> names: a run that one accepts is done, shown and streamed by any, and goes on when its worker is killed.</summary>
internal sealed class QuickStartPart : IReplicaPart
{
    private const int Runs = 60;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(120);

    public string Name => "quick-start";

    public async Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        report.Promise("not_completed", "wrong_answers", "broken_events", "never_asked");
        var replicas = new QuickStartProcess[3];
        try
        {
            await Task.WhenAll(Enumerable.Range(0, replicas.Length).Select(async place => replicas[place] = await StartAsync(bench, cancellationToken)));
            var ids = new List<(string Id, string Name)>();
            for (var i = 0; i < Runs; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"question-{i}");
                using var http = new HttpClient { BaseAddress = replicas[i % 3].Address };
                ids.Add((await new RunClient(http).SubmitAsync(ReplicaQuestions.Text(ReplicaQuestions.Slow, name), $"user-{i % 7}", cancellationToken), name));
            }

            var killed = bench.Random.Next(replicas.Length);
            bench.Kills++;
            await replicas[killed].KillAsync();
            replicas[killed] = await StartAsync(bench, cancellationToken);

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LongestWait);
            // Each is asked for by a replica that did not accept it.
            await Task.WhenAll(ids.Select((run, i) => CheckAsync(report, replicas[(i + 1) % 3].Address, replicas[(i + 2) % 3].Address, run, limit.Token)));
            var calls = bench.Calls(ReplicaQuestions.Slow).CountBy(static call => call.Run).ToDictionary();
            report.Figures["replicas"] = replicas.Length;
            report.Figures["runs"] = Runs;
            report.Figures["asked_again"] = calls.Values.Sum() - calls.Count;
            if (calls.Count != Runs)
            {
                report.Break("never_asked", $"{Runs - calls.Count} questions");
            }
        }
        finally
        {
            foreach (var replica in replicas)
            {
                if (replica is not null)
                {
                    await replica.DisposeAsync();
                }
            }
        }
    }

    private static Task<QuickStartProcess> StartAsync(ReplicaBench bench, CancellationToken cancellationToken) => QuickStartProcess.StartAsync(
        ["--redis", bench.Redis],
        StartTimeout,
        cancellationToken,
        new Dictionary<string, string>
        {
            ["OPENAI_API_KEY"] = "of-the-provider",
            ["OPENAI_BASE_URL"] = bench.Models,
            ["Logging__LogLevel__Default"] = "Warning",
            ["AgentHosting__Worker__MaxConcurrentRuns"] = "4",
            ["AgentHosting__Worker__LeaseDuration"] = "00:00:03",
            ["AgentHosting__Worker__SweepInterval"] = "00:00:01",
        });

    private static async Task CheckAsync(CrashReport report, Uri status, Uri events, (string Id, string Name) run, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = status };
        var ended = await new RunClient(http).WaitAsync(run.Id, cancellationToken);
        using var other = new HttpClient { BaseAddress = events };
        var told = await new RunClient(other).EventsAsync(run.Id, cancellationToken);
        lock (report)
        {
            if (ended?["status"]?.GetValue<string>() != "completed")
            {
                report.Break("not_completed", $"{run.Name}: {ended?.ToJsonString() ?? "unknown"}");
            }
            else if (Text(ended["result"])?.StartsWith($"{run.Name} answered by call", StringComparison.Ordinal) != true)
            {
                report.Break("wrong_answers", $"{run.Name}: {ended["result"]?.ToJsonString()}");
            }

            if (told.Count == 0 || told[^1].Type != "run.completed" || !told.Select(static entry => entry.Id).SequenceEqual(Enumerable.Range(1, told.Count).Select(static id => (long)id)))
            {
                report.Break("broken_events", $"{run.Name}: {string.Join(", ", told)}");
            }
        }
    }

    private static string? Text(JsonNode? result) => result is JsonValue value && value.TryGetValue(out string? text) ? text : result?.ToJsonString();
}
