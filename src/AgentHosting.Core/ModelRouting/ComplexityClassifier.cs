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
        var weights = ComplexityWeights.Values;
        var offset = 0;
        foreach (var feature in ComplexityFeatures.All)
        {
            score += weights[offset + feature.BinOf(counts)];
            offset += feature.Bins;
        }

        return new ComplexityScore { Probability = 1 / (1 + Math.Exp(-score)), HasSignal = true };
    }

    private static bool HasSignal(in PromptCounts counts)
    {
        var isGreeting = counts.Courtesies > 0 && counts.Courtesies + counts.Links >= counts.Words && counts.Words <= MostWordsOfGreeting;
        return counts.Choices > 0 || (counts.Letters + counts.Digits >= LeastLettersAndDigits && !isGreeting);
    }
}
