namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>What one pass over a prompt counts. Lines that offer answers to choose from are counted apart from the question.</summary>
internal struct PromptCounts
{
    public int Characters;
    public int Words;
    public int Letters;
    public int Digits;
    public int Numbers;
    public int Sentences;
    public int CodeFences;
    public int Negations;
    public int Conditions;
    public int Quantities;
    public int Tasks;
    public int Comparisons;
    public int Reasons;
    public int Links;
    public int Courtesies;
    public int Choices;
    public int ChoiceCharacters;
    public int ChoiceDigits;
    public int ChoiceWords;
    public int DistinctChoiceWords;
}
