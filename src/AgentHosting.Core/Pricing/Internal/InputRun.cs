namespace AgentHosting.Pricing.Internal;

/// <summary>What matters of the characters that an estimate has seen: the run of one kind that it is in. It begins with <see langword="default"/>, in none.</summary>
internal readonly record struct InputRun
{
    private const int Letters = 1;
    private const int Digits = 2;
    private const int Space = 3;

    // A word's first tokens hold four letters; what is longer is compound or no word.
    private const int LettersPerToken = 4;
    private const int LettersOfWord = 8;
    private const int LettersPerTokenBeyond = 2;
    private const int DigitsPerToken = 2;

    // So many consonants in a row are in few words, and each further one is a token: keys, ids, base64.
    private const int ConsonantsInARow = 3;

    // A piece of a word that is shorter than this, before a capital, is a sign of letters that come at random; so is a digit before a letter.
    private const int ShortestPiece = 3;

    // Two capitals say the same as any more of them.
    private const int SeveralCapitals = 2;

    private int Of { get; init; }

    /// <summary>Up to <see cref="LettersOfWord"/>, beyond which all are alike.</summary>
    private int Length { get; init; }

    /// <summary>How many more characters the token takes that it is in.</summary>
    private int Room { get; init; }

    /// <summary>Up to <see cref="ConsonantsInARow"/>.</summary>
    private int Consonants { get; init; }

    /// <summary>Up to <see cref="SeveralCapitals"/>.</summary>
    private int Capitals { get; init; }

    /// <returns>The run after one more character, and whether that begins a token.</returns>
    public (InputRun Run, bool IsToken) Then(InputKind kind) => kind switch
    {
        // One space goes with the word after it; a line end or an indentation is a token.
        InputKind.Blank or InputKind.LineEnd when Of != Space => (new InputRun { Of = Space, Room = 1 }, kind == InputKind.LineEnd),
        InputKind.Blank or InputKind.LineEnd => (new InputRun { Of = Space }, Room == 1),
        InputKind.Digit => Of != Digits || Room == 0 ? (new InputRun { Of = Digits, Room = DigitsPerToken - 1 }, true) : (this with { Room = Room - 1 }, false),
        InputKind.Mark => (default, true),
        _ => ThenLetter(kind),
    };

    private (InputRun Run, bool IsToken) ThenLetter(InputKind kind)
    {
        var piece = this;
        var perToken = Length < LettersOfWord ? LettersPerToken : LettersPerTokenBeyond;
        // A capital within a word begins a new piece, and so does what follows several of them, as in names of code.
        if (Of != Letters || (kind.IsCapital() ? Capitals == 0 : Capitals == SeveralCapitals))
        {
            perToken = Of == Digits || (Of == Letters && Length < ShortestPiece) ? 1 : LettersPerToken;
            piece = new InputRun { Of = Letters };
        }

        var consonants = kind.IsConsonant() ? Math.Min(piece.Consonants + 1, ConsonantsInARow) : 0;
        var isToken = piece.Room == 0 || consonants == ConsonantsInARow || kind.IsRare();
        var next = piece with
        {
            Length = Math.Min(piece.Length + 1, LettersOfWord),
            Room = (isToken ? perToken : piece.Room) - 1,
            Consonants = consonants,
            Capitals = kind.IsCapital() ? Math.Min(piece.Capitals + 1, SeveralCapitals) : 0,
        };
        return (next, isToken);
    }
}
