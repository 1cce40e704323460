using AgentHosting.ModelRouting.Internal.Complexity;

namespace AgentHosting.ModelRouting;

/// <summary>
/// Judges from the structure of a prompt how likely it needs a strong model: in one pass, without allocating, without a model. The weights are fitted
/// to measured answers of a weak and a strong model; see the documentation of the model router for how well they rank, and where they do not.
/// </summary>
public static class ComplexityClassifier
{
    private const int LeastLettersAndDigits = 12;
    private const int MostWordsOfGreeting = 8;
    private static readonly (ComplexityFeature Feature, float[] Weights)[] Weighed = Weigh();

    /// <summary>Judges a prompt: the text of the last turn of the user.</summary>
    /// <param name="prompt">The text.</param>
    /// <returns>The verdict.</returns>
    public static ComplexityScore Classify(ReadOnlySpan<char> prompt)
    {
        var scanner = new PromptScanner();
        scanner.Add(prompt);
        return Classify(scanner.Counts);
    }

    internal static ComplexityScore Classify(in PromptCounts counts)
    {
        if (!HasSignal(counts))
        {
            return new ComplexityScore { Probability = ComplexityWeights.ShareWithoutSignal };
        }

        var score = ComplexityWeights.Bias;
        foreach (var (feature, weights) in Weighed)
        {
            score += weights[feature.BinOf(counts)];
        }

        return new ComplexityScore { Probability = 1 / (1 + Math.Exp(-score)), HasSignal = true };
    }

    private static bool HasSignal(in PromptCounts counts) =>
        counts.Choices > 0 || (counts.Letters + counts.Digits >= LeastLettersAndDigits && !IsGreeting(counts));

    private static bool IsGreeting(in PromptCounts counts)
    {
        // Of two words of courtesy or more, one other word is allowed: "thank you very much".
        var others = counts.Words - counts.Courtesies - counts.Links;
        return counts.Words <= MostWordsOfGreeting && counts.Numbers == 0 && others <= (counts.Courtesies >= 2 ? 1 : 0) && counts.Courtesies > 0;
    }

    // A measure to which the fit gave no weight need not be taken.
    private static (ComplexityFeature Feature, float[] Weights)[] Weigh()
    {
        var weighed = new List<(ComplexityFeature, float[])>();
        var offset = 0;
        foreach (var feature in ComplexityFeatures.All)
        {
            var weights = ComplexityWeights.Values.Slice(offset, feature.Bins).ToArray();
            offset += feature.Bins;
            if (Array.Exists(weights, weight => weight != 0))
            {
                weighed.Add((feature, weights));
            }
        }

        return [.. weighed];
    }
}
