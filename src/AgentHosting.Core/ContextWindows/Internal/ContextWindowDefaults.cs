namespace AgentHosting.ContextWindows.Internal;

internal static class ContextWindowDefaults
{
    public const int MaxOutputTokens = 4096;
    public const int ReserveTokens = 256;
    public const int KeepTurns = 1;
    public const int ToolResultTokens = 1000;

    /// <summary>A shorter result is no longer than the note that would stand for it.</summary>
    public const int MinFoldedLength = 120;
}
