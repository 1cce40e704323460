namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>What one pass over a prompt counts. Lines that offer answers to choose from are counted apart from the question.</summary>
internal struct PromptCounts
{
    public int Characters;
    public int Words;
    public int Letters;
    public int DistinctWords;
    public int CapitalisedWords;
    public int SingleLetters;
    public int Digits;
    public int Numbers;
    public int Operators;
    public int EqualSigns;
    public int Dollars;
    public int Backslashes;
    public int Questions;
    public int Newlines;
    public int Sentences;
    public int Commas;
    public int Quotes;
    public int CodeFences;
    public int NonAscii;
    public int Blanks;
    public int Negations;
    public int Conditions;
    public int Quantities;
    public int Tasks;
    public int People;
    public int Links;
    public int PastForms;
    public int LongWords;
    public int Choices;
    public int ChoiceCharacters;
    public int ChoiceDigits;
    public int ChoiceWords;
    public int DistinctChoiceWords;
}
