using System.Collections.Frozen;

namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Words that tell what a prompt asks for, whatever its topic. A word is looked up by its first eight letters, packed into a number.</summary>
internal static class WordKinds
{
    public const int PackedLetters = 8;

    private static readonly FrozenDictionary<ulong, WordKind> Kinds = Build(
        (WordKind.Negation, "not no never none neither nor except without cannot least incorrect false"),
        (WordKind.Condition, "if unless suppose assume assuming given then whether therefore thus must would could"),
        (WordKind.Quantity, "each every per total many much more less than twice half times average"),
        (WordKind.Task, "explain calculate compute prove derive compare design implement analyze analyse evaluate find solve determine"),
        (WordKind.Link, "the a an of to in on at by for with from and or that this it its is was are were be has had have as but"),
        (WordKind.Courtesy, "hi hello hey dear good morning afternoon evening thanks thank you very how there ok okay yes please sure continue go"));

    public static WordKind Of(ulong packed) => Kinds.GetValueOrDefault(packed);

    /// <summary>Appends a letter, folded to lower case, to a packed word.</summary>
    public static ulong Append(ulong packed, char letter) => (packed << 8) | (byte)(letter | 0x20);

    private static FrozenDictionary<ulong, WordKind> Build(params ReadOnlySpan<(WordKind Kind, string Words)> groups)
    {
        var kinds = new Dictionary<ulong, WordKind>();
        foreach (var (kind, words) in groups)
        {
            foreach (var word in words.Split(' '))
            {
                var packed = 0ul;
                foreach (var letter in word.AsSpan(0, Math.Min(word.Length, PackedLetters)))
                {
                    packed = Append(packed, letter);
                }

                kinds.Add(packed, kind);
            }
        }

        return kinds.ToFrozenDictionary();
    }
}
