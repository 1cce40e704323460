using System.Text.Json.Nodes;
using AgentHosting.Load.Options;
using AgentHosting.Routing.Evaluation;

namespace AgentHosting.Load.Routing;

/// <summary>The complexity router ranks prompts of unseen subjects better than their length does, well above chance, and in no time.</summary>
internal sealed class RoutingScenario : ILoadScenario
{
    private const double LeastArea = 0.60;
    private const double LeastLead = 0.01;
    private const double MostMicroseconds = 50;

    public string Name => "routing";

    public string Summary => "ranks prompts with known outcomes of a weak and a strong model with each router";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("data", "", "JSON lines with p (prompt), d (subject), weak and strong (1 where that model answered right), plain or gzip"),
    ];

    public Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var path = options.Text("data");
        if (!File.Exists(path))
        {
            throw new LoadOptionException($"--data is '{path}', which is no file. Give a file of JSON lines with p, d, weak and strong.");
        }

        var samples = RoutingData.Read(path);
        var rows = RoutingEvaluation.Evaluate(samples);
        foreach (var row in rows)
        {
            results.Write(new JsonObject
            {
                ["name"] = Name,
                ["router"] = row.Router,
                ["apgr"] = Math.Round(row.Apgr.Value, 4),
                ["low"] = Math.Round(row.Apgr.Low, 4),
                ["high"] = Math.Round(row.Apgr.High, 4),
                ["in_sample"] = row.InSample,
            });
        }

        var (p50, p99) = RoutingEvaluation.Time(samples);
        results.Write(new JsonObject
        {
            ["name"] = Name,
            ["samples"] = samples.Count,
            ["classify_p50_us"] = Math.Round(p50, 2),
            ["classify_p99_us"] = Math.Round(p99, 2),
        });
        var complexity = AreaOf(rows, "complexity");
        return Task.FromResult(complexity >= LeastArea && complexity >= AreaOf(rows, "length") + LeastLead && p99 < MostMicroseconds);
    }

    private static double AreaOf(IReadOnlyList<RouterResult> rows, string router) => rows.Single(row => row.Router == router).Apgr.Value;
}
