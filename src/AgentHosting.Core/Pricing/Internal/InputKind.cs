namespace AgentHosting.Pricing.Internal;

/// <summary>What the estimate of input tells apart in ASCII characters.</summary>
internal enum InputKind : byte
{
    Mark,
    Digit,
    Blank,
    LineEnd,
    Vowel,
    Consonant,
    RareConsonant,
    CapitalVowel,
    CapitalConsonant,
    CapitalRareConsonant,
}
