namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>What one pass over a prompt counts. Lines that offer answers to choose from are counted apart from the question.</summary>
internal struct PromptCounts
{
    public int Characters;
    public int Words;
    public int Letters;
    public int ForeignLetters;
    public int SingleLetters;
    public int Digits;
    public int Numbers;
    public int Operators;
    public int EqualSigns;
    public int Dollars;
    public int Backslashes;
    public int Sentences;
    public int Quotes;
    public int CodeFences;
    public int Negations;
    public int Conditions;
    public int Quantities;
    public int Tasks;
    public int Links;
    public int Courtesies;
    public int Choices;
    public int ChoiceCharacters;
    public int ChoiceDigits;
    public int ChoiceWords;
    public int DistinctChoiceWords;
}
