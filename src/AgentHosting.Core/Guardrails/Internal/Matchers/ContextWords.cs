namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Words before a number that tell what it is.</summary>
internal static class ContextWords
{
    /// <summary>How far back they may stand.</summary>
    public const int Reach = 40;

    public static bool Has(ReadOnlySpan<char> before, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (before.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
