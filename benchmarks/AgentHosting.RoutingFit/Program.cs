using AgentHosting.Routing.Evaluation;
using AgentHosting.RoutingFit;

var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (var i = 0; i + 1 < args.Length; i += 2)
{
    options[args[i]] = args[i + 1];
}

if (args.Length == 4 && options.TryGetValue("--out", out var output))
{
    if (options.TryGetValue("--data", out var data))
    {
        var samples = RoutingData.Read(data);
        File.WriteAllText(output, WeightsSource.Of(ComplexityFit.To(samples)));
        Console.WriteLine($"Fitted to {samples.Count} samples. Build again to use the weights in {output}.");
        return 0;
    }

    if (options.TryGetValue("--convert", out var checkout))
    {
        var files = new RouteLlmFiles(checkout);
        var mmlu = files.Mmlu();
        Write("mmlu-fitted", [.. mmlu.Where(sample => RoutingEvaluation.IsFittedTo([sample]))]);
        Write("mmlu-unseen", [.. mmlu.Where(sample => !RoutingEvaluation.IsFittedTo([sample]))]);
        Write("gsm8k", files.Gsm8k());
        Write("mt-bench", files.MtBench());
        return 0;
    }
}

Console.Error.WriteLine("""
    Fit the weights:  AgentHosting.RoutingFit --data FILE --out src/AgentHosting.Core/ModelRouting/Internal/Complexity/ComplexityWeights.cs
    Convert outcomes: AgentHosting.RoutingFit --convert CHECKOUT --out FOLDER

    FILE holds JSON lines with p (prompt), d (subject), weak and strong (how well that model answered, from 0 to 1), plain or gzip.
    CHECKOUT is one of github.com/lm-sys/RouteLLM; FOLDER gets mmlu-fitted (the subjects the shipped weights were fitted to), mmlu-unseen (the others), gsm8k and mt-bench.
    """);
return 2;

void Write(string name, IReadOnlyList<RoutingSample> samples)
{
    Directory.CreateDirectory(output);
    var path = Path.Combine(output, name + ".jsonl.gz");
    RoutingData.Write(path, samples);
    Console.WriteLine($"{path}: {samples.Count} samples of {samples.Select(sample => sample.Subject).Distinct().Count()} subjects.");
}
