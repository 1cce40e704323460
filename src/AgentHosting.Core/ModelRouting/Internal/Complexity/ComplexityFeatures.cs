namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>
/// The measures that the classifier weighs. They are of structure and never of topic, so that they carry over to prompts of another kind; what only
/// told question sets apart (blank lines, capitals, pronouns) was left out, since it ranked unseen subjects worse.
/// </summary>
internal static class ComplexityFeatures
{
    private const float Any = 1e-6f;

    // Word lists and word lengths are those of English. Text in another script gets what is usual in English text.
    private const float UsualLinks = .36f;
    private const float UsualWordLength = 4.7f;

    public static ComplexityFeature[] All { get; } =
    [
        new("length", static (in c) => c.Characters, 20, 40, 60, 80, 100, 125, 150, 180, 220, 270, 330, 400, 500, 650, 900, 1400, 2500, 5000) { LeastStep = .02 },
        new("sentences", static (in c) => c.Sentences, 2, 3, 4, 6, 9, 15) { LeastStep = 0 },
        new("numbers", static (in c) => c.Numbers, 1, 2, 3, 4, 6, 9) { LeastStep = .01 },
        new("digit share", static (in c) => Share(c.Digits, c.Characters), .01f, .03f, .06f, .12f) { LeastStep = 0 },
        new("operators", static (in c) => c.Operators, 1, 2, 4, 8) { LeastStep = 0 },
        new("equal signs", static (in c) => c.EqualSigns, 1, 2, 4) { LeastStep = 0 },
        new("dollars", static (in c) => c.Dollars, 1, 2, 4) { LeastStep = 0 },
        new("backslashes", static (in c) => c.Backslashes, 1, 3) { LeastStep = 0 },
        new("single letters", static (in c) => c.SingleLetters, 1, 2, 4, 8) { LeastStep = 0 },
        new("negations", static (in c) => c.Negations, 1, 2, 3) { LeastStep = 0 },
        new("conditions", static (in c) => c.Conditions, 1, 2, 3, 5) { LeastStep = .01 },
        new("quantities", static (in c) => c.Quantities, 1, 2, 4) { LeastStep = .01 },
        new("tasks", static (in c) => c.Tasks, 1, 2) { LeastStep = .02 },
        new("quotes", static (in c) => c.Quotes, 1, 3, 6) { LeastStep = 0 },
        new("code fences", static (in c) => c.CodeFences, 1) { LeastStep = .2 },
        new("link share", static (in c) => IsForeign(c) ? UsualLinks : Share(c.Links, c.Words), .2f, .27f, .33f, .39f, .45f),
        new("word length", static (in c) => IsForeign(c) ? UsualWordLength : Share(c.Letters, c.Words), 3.5f, 4f, 4.5f, 5f, 5.5f, 6f, 7f),
        new("choice length", static (in c) => Share(c.ChoiceCharacters, c.Choices), 6, 12, 20, 32, 50, 80),
        new("choice distinct share", static (in c) => c.Choices == 0 ? 1 : Share(c.DistinctChoiceWords, c.ChoiceWords), .4f, .55f, .7f, .8f, .9f, .98f),
        new("choice digit share", static (in c) => Share(c.ChoiceDigits, c.ChoiceCharacters), Any, .1f, .3f),
    ];

    /// <summary>How many weights there are: one for each bin of each measure.</summary>
    public static int Weights { get; } = All.Sum(feature => feature.Bins);

    private static bool IsForeign(in PromptCounts counts) => counts.ForeignLetters * 3 > counts.Letters;

    private static float Share(int part, int whole) => whole == 0 ? 0 : (float)part / whole;
}
