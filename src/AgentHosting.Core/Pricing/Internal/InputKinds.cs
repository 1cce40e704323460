namespace AgentHosting.Pricing.Internal;

/// <summary>The kinds of characters.</summary>
internal static class InputKinds
{
    public const int Count = (int)InputKind.CapitalRareConsonant + 1;

    private const int ToCapital = InputKind.CapitalVowel - InputKind.Vowel;

    public static InputKind Of(char letter) => letter switch
    {
        ' ' => InputKind.Blank,
        '\t' or '\r' or '\n' => InputKind.LineEnd,
        >= '0' and <= '9' => InputKind.Digit,
        >= 'A' and <= 'Z' => Of(char.ToLowerInvariant(letter)) + ToCapital,
        'a' or 'e' or 'i' or 'o' or 'u' or 'y' => InputKind.Vowel,
        // Tokens of their own where letters come at random.
        'j' or 'q' or 'x' or 'z' => InputKind.RareConsonant,
        >= 'a' and <= 'z' => InputKind.Consonant,
        _ => InputKind.Mark,
    };

    public static bool IsLetter(this InputKind kind) => kind >= InputKind.Vowel;

    public static bool IsCapital(this InputKind kind) => kind >= InputKind.CapitalVowel;

    public static bool IsConsonant(this InputKind kind) => kind.IsLetter() && kind is not (InputKind.Vowel or InputKind.CapitalVowel);

    public static bool IsRare(this InputKind kind) => kind is InputKind.RareConsonant or InputKind.CapitalRareConsonant;
}
