using System.Text.Json.Nodes;
using AgentHosting.Load.Options;
using AgentHosting.Routing.Evaluation;

namespace AgentHosting.Load.Routing;

/// <summary>The complexity router ranks prompts of unseen subjects better than their length does, well above chance, and in no time.</summary>
internal sealed class RoutingScenario : ILoadScenario
{
    private const double LeastArea = 0.60;
    private const double LeastLead = 0.01;
    private const double LeastAreaElsewhere = 0.55;
    private const double MostMicroseconds = 50;

    public string Name => "routing";

    public string Summary => "ranks prompts with known outcomes of a weak and a strong model with each router";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("data", "", "JSON lines with p (prompt), d (subject), weak and strong (how well that model answered, from 0 to 1), plain or gzip"),
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
        foreach (var row in rows.Concat(RoutingEvaluation.EvaluateGroups(samples)))
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
        return Task.FromResult(p99 < MostMicroseconds && RanksWell(ApgrOf(rows, "complexity"), ApgrOf(rows, "length"), RoutingEvaluation.IsFittedTo(samples)));
    }

    // A data set of another kind is ranked by the shipped weights. There length may win by chance, but not by more.
    private static bool RanksWell(Apgr complexity, Apgr length, bool isFittedTo) => isFittedTo
        ? complexity.Value >= LeastArea && complexity.Value >= length.Value + LeastLead
        : complexity.Value >= LeastAreaElsewhere && complexity.High >= length.Value;

    private static Apgr ApgrOf(IReadOnlyList<RouterResult> rows, string router) => rows.Single(row => row.Router == router).Apgr;
}
