using AgentHosting.ModelRouting.Internal.Complexity;

namespace AgentHosting.Routing.Evaluation;

/// <summary>
/// Fits the weights of the complexity classifier. The target is what the strong call gains, and each prompt counts half as it is and half without its
/// answers to choose from, so that the weights do not lean on the form of a question set.
/// </summary>
public sealed class ComplexityFit
{
    private const double Penalty = 10;
    private const int Quantile = 20;
    private readonly double[] _steps;
    private readonly double _scale;

    private ComplexityFit(double[] steps, double scale, double bias, double share)
    {
        _steps = steps;
        _scale = scale;
        Bias = bias;
        Share = share;
    }

    /// <summary>The score of a prompt all of whose measures lie in their lowest bins.</summary>
    public double Bias { get; }

    /// <summary>The share of prompts that need the strong model.</summary>
    public double Share { get; }

    /// <summary>The probabilities below which 0, 5, 10 ... 100 % of the prompts lie, asked in free form.</summary>
    public required IReadOnlyList<double> Quantiles { get; init; }

    /// <summary>The subjects that it was fitted to, in the order of their names.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>Fits to samples. The same samples give the same weights.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The fit.</returns>
    public static ComplexityFit To(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var rows = new int[samples.Count * 2][];
        var gains = new double[rows.Length];
        var needs = new double[rows.Length];
        for (var i = 0; i < samples.Count; i++)
        {
            rows[2 * i] = StepsOf(CountsOf(samples[i].Prompt));
            rows[(2 * i) + 1] = StepsOf(CountsOf(WithoutChoices(samples[i].Prompt)));
            gains[2 * i] = gains[(2 * i) + 1] = (samples[i].Gain + 1) / 2d;
            needs[2 * i] = needs[(2 * i) + 1] = samples[i].Gain > 0 ? 1 : 0;
        }

        var steps = new LogisticFit(Constraints(), rows).Fit(gains);
        var (scale, bias) = LogisticFit.Calibrate(rows.Select(row => LogisticFit.Score(steps, row)).ToArray(), needs);
        var plain = rows.Where((_, i) => i % 2 == 1).Select(row => 1 / (1 + Math.Exp(-((scale * LogisticFit.Score(steps, row)) + bias)))).Order().ToArray();
        return new ComplexityFit(steps, scale, bias + (scale * steps[^1]), needs.Average())
        {
            Subjects = [.. samples.Select(sample => sample.Subject).Distinct().Order(StringComparer.Ordinal)],
            Quantiles = [.. Enumerable.Range(0, Quantile + 1).Select(i => plain[i * (plain.Length - 1) / Quantile])],
        };
    }

    /// <summary>The score of a prompt: the logarithm of its odds to need the strong model.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <returns>The score.</returns>
    public double Score(string prompt) =>
        Bias + (_scale * (LogisticFit.Score(_steps, StepsOf(CountsOf(prompt))) - _steps[^1]));

    /// <summary>The weights of a measure, one a bin.</summary>
    internal IEnumerable<(string Name, double[] Weights)> WeightsByFeature()
    {
        var offset = 0;
        foreach (var feature in ComplexityFeatures.All)
        {
            var weights = new double[feature.Bins];
            for (var bin = 1; bin < weights.Length; bin++)
            {
                weights[bin] = weights[bin - 1] + (_scale * _steps[offset++]);
            }

            yield return (feature.Name, weights);
        }
    }

    /// <summary>The prompt as one would ask it in free form.</summary>
    public static string WithoutChoices(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return string.Join('\n', prompt.Split('\n').Where(line => line.Trim() is { Length: > 0 } text && text != "Answer:" && !ChoiceLines.IsChoice(text)));
    }

    private static PromptCounts CountsOf(string prompt)
    {
        var scanner = new PromptScanner();
        scanner.Add(prompt);
        return scanner.Counts;
    }

    private static (double? LeastStep, double Penalty)[] Constraints() =>
    [
        .. ComplexityFeatures.All.SelectMany(feature => Enumerable.Repeat((feature.LeastStep, Penalty), feature.Bins - 1)),
    ];

    private static int[] StepsOf(in PromptCounts counts)
    {
        var steps = new List<int>();
        var offset = 0;
        foreach (var feature in ComplexityFeatures.All)
        {
            steps.AddRange(Enumerable.Range(offset, feature.BinOf(counts)));
            offset += feature.Bins - 1;
        }

        return [.. steps];
    }
}
