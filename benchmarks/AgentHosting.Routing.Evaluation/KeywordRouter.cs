namespace AgentHosting.Routing.Evaluation;

/// <summary>What gateways commonly do: words that sound hard or technical raise the score, words that sound simple lower it, length adds a little.</summary>
internal static class KeywordRouter
{
    private static readonly (double Weight, string[] Words)[] Lists =
    [
        (1.0, ["step by step", "think through", "reason", "analyze", "analyse", "evaluate", "compare", "prove", "derive", "trade-off", "explain why", "justify", "therefore", "because"]),
        (0.8, ["function", "class", "code", "algorithm", "database", "python", "javascript", "sql", "api", "debug", "compile", "recursion", "exception"]),
        (0.6, ["architecture", "distributed", "protocol", "theorem", "equation", "integral", "derivative", "probability", "hypothesis", "statistical", "encryption", "molecular", "statute"]),
        (-0.8, ["what is", "define", "who is", "when did", "where is", "hello", "thanks", "list"]),
    ];

    private const double LengthWeight = 0.3;
    private const double LengthUnit = 400;

    public static double Score(string prompt)
    {
        var score = LengthWeight * Math.Min(3, prompt.Length / LengthUnit);
        foreach (var (weight, words) in Lists)
        {
            score += weight * Math.Min(3, words.Count(word => prompt.Contains(word, StringComparison.OrdinalIgnoreCase)));
        }

        return score;
    }
}
