namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>
/// The measures that the classifier weighs. They are of structure and never of topic, so that they carry over to prompts of another kind; what only
/// told question sets apart (blank lines, capitals, pronouns) or subjects apart (numbers, signs of mathematics, quotes) was left out, since it ranked
/// subjects of an unseen kind worse.
/// </summary>
internal static class ComplexityFeatures
{
    private const float Any = 1e-6f;

    public static ComplexityFeature[] All { get; } =
    [
        new("length", static (in c) => c.Characters, 20, 40, 60, 80, 100, 125, 150, 180, 220, 270, 330, 400, 500, 650, 900, 1400, 2500, 5000) { LeastStep = .025 },
        new("sentences", static (in c) => c.Sentences, 2, 3, 4, 6, 9, 15) { LeastStep = .01 },
        new("negations", static (in c) => c.Negations, 1, 2, 3) { LeastStep = .01 },
        new("conditions", static (in c) => c.Conditions, 1, 2, 3, 5) { LeastStep = .03 },
        new("quantities", static (in c) => c.Quantities, 1, 2, 4) { LeastStep = .01 },
        new("comparisons", static (in c) => c.Comparisons, 1, 2, 4) { LeastStep = .02 },
        new("reasons", static (in c) => c.Reasons, 1, 2) { LeastStep = .02 },
        new("tasks", static (in c) => c.Tasks, 1, 2) { LeastStep = .02 },
        new("code fences", static (in c) => c.CodeFences, 1) { LeastStep = .2 },
        new("choice length", static (in c) => Share(c.ChoiceCharacters, c.Choices), 6, 12, 20, 32, 50, 80),
        new("choice distinct share", static (in c) => c.Choices == 0 ? 1 : Share(c.DistinctChoiceWords, c.ChoiceWords), .4f, .55f, .7f, .8f, .9f, .98f),
        new("choice digit share", static (in c) => Share(c.ChoiceDigits, c.ChoiceCharacters), Any, .1f, .3f),
    ];

    /// <summary>How many weights there are: one for each bin of each measure.</summary>
    public static int Weights { get; } = All.Sum(feature => feature.Bins);

    private static float Share(int part, int whole) => whole == 0 ? 0 : (float)part / whole;
}
