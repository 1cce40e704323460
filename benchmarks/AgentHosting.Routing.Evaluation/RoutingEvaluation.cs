using System.Diagnostics;
using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal.Complexity;

namespace AgentHosting.Routing.Evaluation;

/// <summary>Ranks samples with each router and measures how well the ranks fit what a strong call gains.</summary>
public static class RoutingEvaluation
{
    private const int Folds = 5;
    private const int Seed = 20250;
    private const int WarmUps = 60_000;
    private const int Timed = 230_000;

    /// <summary>
    /// The routers. The complexity router ranks each prompt by weights that never saw its subject: the shipped ones, or, where they were fitted to a subject
    /// of these samples, ones fitted out of fold. Rows named "plain" rank by the question without its answers to choose from.
    /// </summary>
    /// <param name="samples">The samples.</param>
    /// <returns>One result a router.</returns>
    public static IReadOnlyList<RouterResult> Evaluate(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var isSeen = IsFittedTo(samples);
        var folds = isSeen ? SubjectFolds.Of(samples, Folds, Seed) : [];
        return
        [
            Result("complexity", samples, isSeen ? OutOfFold(samples, static sample => sample.Prompt, folds) : Shipped(samples, static prompt => prompt)),
            Result("complexity-shipped", samples, Shipped(samples, static prompt => prompt), isSeen),
            Result("complexity-plain", samples, isSeen ? OutOfFold(samples, Plain, folds) : Shipped(samples, ComplexityFit.WithoutChoices)),
            Result("length", samples, [.. samples.Select(sample => (double)sample.Prompt.Length)]),
            Result("length-plain", samples, [.. samples.Select(sample => (double)Plain(sample).Length)]),
            Result("keyword", samples, [.. samples.Select(sample => KeywordRouter.Score(sample.Prompt))]),
            Result("random", samples, new double[samples.Count]),
            Result("oracle", samples, [.. samples.Select(sample => sample.Gain)]),
        ];
    }

    /// <summary>
    /// How well whole groups of subjects are ranked by weights that saw none of the group, beside length and key words: rows named "router:group". No rows
    /// when the shipped weights know none of the subjects, since then nothing is fitted.
    /// </summary>
    /// <param name="samples">The samples.</param>
    /// <returns>Three results a group, and three more for the questions without their answers.</returns>
    public static IReadOnlyList<RouterResult> EvaluateGroups(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var groups = samples.Select(sample => SubjectGroups.Of(sample.Subject)).Distinct().Order(StringComparer.Ordinal).ToList();
        if (!IsFittedTo(samples) || groups.Count < 2)
        {
            return [];
        }

        var groupOf = samples.Select(sample => groups.IndexOf(SubjectGroups.Of(sample.Subject))).ToArray();
        var scores = OutOfFold(samples, static sample => sample.Prompt, groupOf);
        var plainScores = OutOfFold(samples, Plain, groupOf);
        var rows = new List<RouterResult>();
        for (var group = 0; group < groups.Count; group++)
        {
            var members = samples.Where((_, i) => groupOf[i] == group).ToArray();
            rows.Add(Result("complexity:" + groups[group], members, [.. scores.Where((_, i) => groupOf[i] == group)]));
            rows.Add(Result("length:" + groups[group], members, [.. members.Select(sample => (double)sample.Prompt.Length)]));
            rows.Add(Result("keyword:" + groups[group], members, [.. members.Select(sample => KeywordRouter.Score(sample.Prompt))]));
            rows.Add(Result("complexity-plain:" + groups[group], members, [.. plainScores.Where((_, i) => groupOf[i] == group)]));
            rows.Add(Result("length-plain:" + groups[group], members, [.. members.Select(sample => (double)Plain(sample).Length)]));
        }

        return rows;
    }

    /// <summary>Whether the shipped weights were fitted to a subject of the samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>Whether they were.</returns>
    public static bool IsFittedTo(IReadOnlyList<RoutingSample> samples)
    {
        var fitted = ComplexityWeights.FittedTo.Split(',').ToHashSet(StringComparer.Ordinal);
        return samples.Any(sample => fitted.Contains(sample.Subject));
    }

    private static double[] OutOfFold(IReadOnlyList<RoutingSample> samples, Func<RoutingSample, string> promptOf, int[] folds)
    {
        var scores = new double[samples.Count];
        foreach (var fold in folds.Distinct())
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

    private static double[] Shipped(IReadOnlyList<RoutingSample> samples, Func<string, string> promptOf) =>
        [.. samples.Select(sample => ComplexityClassifier.Classify(promptOf(sample.Prompt)).Probability)];

    private static string Plain(RoutingSample sample) => ComplexityFit.WithoutChoices(sample.Prompt);

    /// <summary>How long one classification takes, over all prompts.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The median and the 99th percentile in microseconds.</returns>
    public static (double P50, double P99) Time(IReadOnlyList<RoutingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        for (var i = 0; i < WarmUps; i++)
        {
            ComplexityClassifier.Classify(samples[i % samples.Count].Prompt);
        }

        // Every classification counts, those too that the machine held up.
        var times = new double[Timed];
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
