using System.Diagnostics;
using AgentHosting.ModelRouting;

namespace AgentHosting.Routing.Evaluation;

/// <summary>Ranks samples with each router and measures how well the ranks fit what a strong call gains.</summary>
public static class RoutingEvaluation
{
    private const int Folds = 5;
    private const int Seed = 20250;
    private const int WarmUpRounds = 5;
    private const int TimedRounds = 20;

    /// <summary>
    /// The routers, the complexity router out of fold: each subject is ranked by weights that never saw it. Rows named "plain" rank by the question without
    /// its answers to choose from.
    /// </summary>
    /// <param name="samples">The samples.</param>
    /// <returns>One result a router.</returns>
    public static IReadOnlyList<RouterResult> Evaluate(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var plain = samples.Select(sample => ComplexityFit.WithoutChoices(sample.Prompt)).ToArray();
        return
        [
            Result("complexity", samples, OutOfFold(samples, static sample => sample.Prompt, Seed)),
            Result("complexity-shipped", samples, [.. samples.Select(sample => ComplexityClassifier.Classify(sample.Prompt).Probability)], inSample: true),
            Result("complexity-plain", samples, OutOfFold(samples, static sample => ComplexityFit.WithoutChoices(sample.Prompt), Seed)),
            Result("length", samples, [.. samples.Select(sample => (double)sample.Prompt.Length)]),
            Result("length-plain", samples, [.. plain.Select(prompt => (double)prompt.Length)]),
            Result("keyword", samples, [.. samples.Select(sample => KeywordRouter.Score(sample.Prompt))]),
            Result("random", samples, new double[samples.Count]),
            Result("oracle", samples, [.. samples.Select(sample => (double)sample.Gain)]),
        ];
    }

    /// <summary>The scores that the complexity router gives to subjects it has not seen.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="promptOf">The prompt to rank a sample by.</param>
    /// <param name="seed">The seed that shuffles the subjects.</param>
    /// <returns>One score a sample.</returns>
    public static double[] OutOfFold(IReadOnlyList<RoutingSample> samples, Func<RoutingSample, string> promptOf, int seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(promptOf);
        var folds = SubjectFolds.Of(samples, Folds, seed);
        var scores = new double[samples.Count];
        for (var fold = 0; fold < Folds; fold++)
        {
            var fit = ComplexityFit.To([.. samples.Where((_, i) => folds[i] != fold)]);
            for (var i = 0; i < scores.Length; i++)
            {
                if (folds[i] == fold)
                {
                    scores[i] = fit.Score(promptOf(samples[i]));
                }
            }
        }

        return scores;
    }

    /// <summary>How long one classification takes, over all prompts.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The median and the 99th percentile in microseconds.</returns>
    public static (double P50, double P99) Time(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        for (var i = 0; i < samples.Count * WarmUpRounds; i++)
        {
            ComplexityClassifier.Classify(samples[i % samples.Count].Prompt);
        }

        // Every classification counts, those too that the machine held up.
        var times = new double[samples.Count * TimedRounds];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            ComplexityClassifier.Classify(samples[i % samples.Count].Prompt);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return (times[times.Length / 2], times[times.Length * 99L / 100]);
    }

    private static RouterResult Result(string router, IReadOnlyList<RoutingSample> samples, double[] scores, bool inSample = false) =>
        new() { Router = router, Apgr = Apgr.Of(samples, scores, Seed), InSample = inSample };
}
