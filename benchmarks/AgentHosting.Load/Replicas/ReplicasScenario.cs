using System.Diagnostics;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Options;
using AgentHosting.Load.Replicas.Parts;
using AgentHosting.Pricing;

namespace AgentHosting.Load.Replicas;

/// <summary>Two replicas on one Redis, one of which is killed: what they share stays one budget, one rate limit, one circuit, and one call for one question.</summary>
internal sealed class ReplicasScenario : ILoadScenario
{
    private static readonly IReplicaPart[] Parts = [new BudgetPart(), new RateLimitPart(), new CircuitPart(), new SingleFlightPart(), new QuickStartPart()];

    public string Name => "replicas";

    public string Summary => "two replicas, one of which is killed, share a budget, a rate limit, a circuit and single flight";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("part", "", $"one of {string.Join(", ", Parts.Select(static part => part.Name))}; all without it"),
        new("callers", "16", "callers of each replica"),
        new("requests", "150", "requests of each caller, under the budget"),
        new("share", "60", "the budget, as a percentage of what all requests cost"),
        new("kills", "4", "how often a replica is killed while they spend"),
        new("rounds", "20", "questions that both replicas ask at once"),
        new("seed", "0", "the seed of all that is random; 0 for a new one"),
        new("keep", "", "a folder for logs and the file of calls; without it they are removed, unless a promise is broken"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var seed = options.Number("seed") is > 0 and var given ? given : (int)(Stopwatch.GetTimestamp() % 1_000_000_000) + 1;
        var asked = options.Text("part");
        var parts = Parts.Where(part => asked.Length == 0 || part.Name == asked).ToList();
        if (parts.Count == 0)
        {
            throw new LoadOptionException($"--part is '{asked}'. Use {string.Join(", ", Parts.Select(static part => part.Name))}.");
        }

        var isClean = true;
        foreach (var part in parts)
        {
            var report = await RunAsync(part, options, seed, cancellationToken);
            results.Write(report.ToJson());
            isClean &= report.IsClean;
        }

        return isClean;
    }

    private static async Task<CrashReport> RunAsync(IReplicaPart part, LoadOptions options, int seed, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"replicas --part {part.Name} --seed {seed}".AsMemory(), cancellationToken);
        var folder = options.Text("keep") is { Length: > 0 } keep
            ? Directory.CreateDirectory(Path.Combine(keep, $"{part.Name}-{seed}")).FullName
            : Directory.CreateTempSubdirectory("ah-replicas-").FullName;
        var report = new CrashReport();
        report.Figures["name"] = "replicas";
        report.Figures["part"] = part.Name;
        report.Figures["seed"] = seed;
        await using (var redis = await RedisProcess.StartAsync(folder, cancellationToken))
        await using (var oracle = await ChildProcess.StartAsync(Path.Combine(folder, "oracle.log"), ["replica-oracle", "--log", ReplicaBench.OraclePath(folder)], cancellationToken))
        await using (var bench = new ReplicaBench(options, folder, redis, oracle, new Random(seed)) { Cap = CapOf(options) })
        {
            var watch = Stopwatch.StartNew();
            await part.RunAsync(bench, report, cancellationToken);
            report.Figures["kills"] = bench.Kills;
            report.Figures["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 1);
        }

        if (!report.IsClean)
        {
            await Console.Error.WriteLineAsync($"A promise is broken. Logs and calls are in {folder}".AsMemory(), cancellationToken);
        }
        else if (options.Text("keep").Length == 0)
        {
            Directory.Delete(folder, recursive: true);
        }

        return report;
    }

    // Answers take half of what they may on average.
    private static decimal CapOf(LoadOptions options) => Math.Round(
        2 * options.Number("callers") * options.Number("requests") * UsageCost.WorstCase(ReplicaQuestions.InputTokens, ReplicaSettings.MaxOutputTokens / 2, ReplicaSettings.Price)
            * options.Number("share") / 100,
        6);
}
