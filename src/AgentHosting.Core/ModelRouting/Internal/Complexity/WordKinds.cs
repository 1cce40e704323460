namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>
/// Words that tell what a prompt asks for, whatever its topic. A word is looked up by its first eight letters, packed into a number, in a small open
/// hash table: a dictionary's look-up would be a third of a short prompt's time.
/// </summary>
internal static class WordKinds
{
    public const int PackedLetters = 8;
    private const int SlotBits = 9;
    private const int SlotMask = (1 << SlotBits) - 1;
    private static readonly ulong[] Words = new ulong[1 << SlotBits];
    private static readonly WordKind[] Kinds = new WordKind[1 << SlotBits];

    static WordKinds()
    {
        Add(WordKind.Negation, "not no never none neither nor except without cannot least incorrect false");
        Add(WordKind.Condition, "if unless suppose assume assuming given then whether therefore thus must would could should might may");
        Add(WordKind.Quantity, "each every per total many much more less than twice half times average");
        Add(WordKind.Task, "explain calculate compute prove derive compare design implement analyze analyse evaluate find solve determine");
        Add(WordKind.Comparison, "greater larger smaller higher lower fewer increase decrease same different compared between both either");
        Add(WordKind.Reason, "why because reason reasons cause causes caused effect effects result results lead leads due depends depend");
        Add(WordKind.Link, "the a an of to in on at by for with from and or that this it its is was are were be has had have as but");
        Add(WordKind.Courtesy, "hi hello hey dear good morning afternoon evening thanks thank you very how there ok okay yes please sure continue go");
    }

    public static WordKind Of(ulong packed)
    {
        var slot = SlotOf(packed);
        while (Words[slot] != packed)
        {
            if (Words[slot] == 0)
            {
                return WordKind.None;
            }

            slot = (slot + 1) & SlotMask;
        }

        return Kinds[slot];
    }

    /// <summary>Appends a letter, folded to lower case, to a packed word.</summary>
    public static ulong Append(ulong packed, char letter) => (packed << 8) | (byte)(letter | 0x20);

    private static int SlotOf(ulong packed) => (int)((packed * 0x9E3779B97F4A7C15) >> (64 - SlotBits));

    private static void Add(WordKind kind, string words)
    {
        foreach (var word in words.Split(' '))
        {
            var packed = 0ul;
            foreach (var letter in word.AsSpan(0, Math.Min(word.Length, PackedLetters)))
            {
                packed = Append(packed, letter);
            }

            var slot = SlotOf(packed);
            while (Words[slot] != 0)
            {
                slot = (slot + 1) & SlotMask;
            }

            Words[slot] = packed;
            Kinds[slot] = kind;
        }
    }
}
