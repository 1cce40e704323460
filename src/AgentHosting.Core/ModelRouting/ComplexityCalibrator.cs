namespace AgentHosting.ModelRouting;

/// <summary>Finds a threshold of <see cref="ModelRouterOptions.Thresholds"/> for prompts of yours. For more than two models, call it once for each threshold.</summary>
public static class ComplexityCalibrator
{
    // Above every probability: no prompt is sent to the stronger model.
    private const double Never = 1;

    /// <summary>Finds the threshold at which a share of prompts goes to the stronger model.</summary>
    /// <param name="share">The share, from 0 to 1.</param>
    /// <param name="prompts">Some hundred prompts as they come in. Those without signal are left out, since they go to the middle anyway.</param>
    /// <returns>The threshold. Prompts alike in structure cannot be told apart, so a few more or fewer than asked for may lie above it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">No prompt has a signal.</exception>
    public static double ForStrongShare(double share, IEnumerable<string> prompts)
    {
        ThrowIfNoShare(share, nameof(share));
        ArgumentNullException.ThrowIfNull(prompts);
        var probabilities = prompts.Select(prompt => ComplexityClassifier.Classify(prompt)).Where(score => score.HasSignal)
            .Select(score => score.Probability).OrderDescending().ToArray();
        if (probabilities.Length == 0)
        {
            throw new ArgumentException("No prompt says enough to be judged. Give prompts as users write them.", nameof(prompts));
        }

        return ThresholdAbove(probabilities, (int)Math.Round(share * probabilities.Length));
    }

    /// <summary>Finds the threshold with the fewest calls of the stronger model that still brings a part of its advantage.</summary>
    /// <param name="target">The part of the difference in mean quality between the two models, from 0 to 1.</param>
    /// <param name="samples">Prompts with the quality of both models' answers.</param>
    /// <returns>The threshold.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="target"/> is not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">The stronger model is not better on the samples.</exception>
    public static double ForQuality(double target, IEnumerable<ComplexitySample> samples)
    {
        ThrowIfNoShare(target, nameof(target));
        ArgumentNullException.ThrowIfNull(samples);
        var ranked = samples.Select(sample => (ComplexityClassifier.Classify(sample.Prompt).Probability, Gain: sample.StrongQuality - sample.WeakQuality))
            .OrderByDescending(sample => sample.Probability).ToArray();
        var total = ranked.Sum(sample => sample.Gain);
        if (!(total > 0))
        {
            throw new ArgumentException($"The strong model is better by {total} in all, so there is no quality to gain. Give more samples, or another model.", nameof(samples));
        }

        double gained = 0;
        var strong = 0;
        while (strong < ranked.Length && gained < target * total)
        {
            // Prompts with the same probability go together.
            var probability = ranked[strong].Probability;
            for (; strong < ranked.Length && ranked[strong].Probability == probability; strong++)
            {
                gained += ranked[strong].Gain;
            }
        }

        return ThresholdAbove([.. ranked.Select(sample => sample.Probability)], strong);
    }

    private static double ThresholdAbove(double[] falling, int strong) => strong switch
    {
        0 => Never,
        _ when strong >= falling.Length => 0,
        _ => falling[strong - 1],
    };

    private static void ThrowIfNoShare(double value, string name)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "Use a share between 0 and 1.");
        }
    }
}
