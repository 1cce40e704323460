namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>The measures that the classifier weighs. They are of structure and never of topic, so that they carry over to prompts of another kind.</summary>
internal static class ComplexityFeatures
{
    private const float Any = 1e-6f;

    public static IReadOnlyList<ComplexityFeature> All { get; } =
    [
        new("length", 1, static (in c) => c.Characters, 20, 40, 60, 80, 110, 150, 200, 280, 400, 600, 900, 1400, 2500, 5000),
        new("sentences", 0, static (in c) => c.Sentences, 2, 3, 4, 6, 9, 15),
        new("newlines", 0, static (in c) => c.Newlines, 1, 2, 4, 8, 16),
        new("commas", 0, static (in c) => c.Commas, 1, 2, 4, 8),
        new("numbers", 0, static (in c) => c.Numbers, 1, 2, 3, 4, 6, 9),
        new("digit share", 0, static (in c) => Share(c.Digits, c.Characters), .01f, .03f, .06f, .12f),
        new("operators", 0, static (in c) => c.Operators, 1, 2, 4, 8),
        new("equal signs", 0, static (in c) => c.EqualSigns, 1, 2, 4),
        new("dollars", 0, static (in c) => c.Dollars, 1, 2, 4),
        new("backslashes", 0, static (in c) => c.Backslashes, 1, 3),
        new("single letters", 0, static (in c) => c.SingleLetters, 1, 2, 4, 8),
        new("questions", 0, static (in c) => c.Questions, 1, 2),
        new("capitalised share", 0, static (in c) => Share(c.CapitalisedWords, c.Words), .02f, .06f, .12f, .2f, .35f),
        new("word length", 0, static (in c) => Share(c.Letters, c.Words), 3.5f, 4f, 4.5f, 5f, 5.5f, 6f, 7f),
        new("distinct share", 0, static (in c) => Share(c.DistinctWords, c.Words), .55f, .65f, .75f, .85f, .93f, .99f),
        new("negations", 0, static (in c) => c.Negations, 1, 2, 3),
        new("conditions", 0, static (in c) => c.Conditions, 1, 2, 3, 5),
        new("quantities", 0, static (in c) => c.Quantities, 1, 2, 4),
        new("tasks", 0, static (in c) => c.Tasks, 1, 2),
        new("people", 0, static (in c) => Share(c.People, c.Words), Any, .02f, .05f, .09f, .14f),
        new("links", 0, static (in c) => Share(c.Links, c.Words), .2f, .27f, .33f, .39f, .45f),
        new("past forms", 0, static (in c) => Share(c.PastForms, c.Words), Any, .04f, .08f),
        new("long words", 0, static (in c) => Share(c.LongWords, c.Words), Any, .06f, .12f, .2f, .3f),
        new("quotes", 0, static (in c) => c.Quotes, 1, 3, 6),
        new("code fences", 1, static (in c) => c.CodeFences, 1),
        new("non-ASCII share", 0, static (in c) => Share(c.NonAscii, c.Characters), Any, .01f, .1f),
        new("blanks", 0, static (in c) => c.Blanks, 1, 6),
        new("choices", 0, static (in c) => c.Choices, 1),
        new("choice length", 0, static (in c) => Share(c.ChoiceCharacters, c.Choices), 6, 12, 20, 32, 50, 80),
        new("choice distinct share", 0, static (in c) => c.Choices == 0 ? 1 : Share(c.DistinctChoiceWords, c.ChoiceWords), .4f, .55f, .7f, .8f, .9f, .98f),
        new("choice digit share", 0, static (in c) => Share(c.ChoiceDigits, c.ChoiceCharacters), Any, .1f, .3f),
    ];

    private static float Share(int part, int whole) => whole == 0 ? 0 : (float)part / whole;
}
