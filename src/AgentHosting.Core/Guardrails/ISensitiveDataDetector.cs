namespace AgentHosting.Guardrails;

/// <summary>Finds a kind of sensitive data of your own. Called at each trigger character, so it should say no quickly; it must be thread-safe.</summary>
public interface ISensitiveDataDetector
{
    /// <summary>The kind, which is also the label of the replacement: capital letters, digits and underscores.</summary>
    string Kind { get; }

    /// <summary>The characters with which a match can begin. The rarer they are, the less it costs.</summary>
    string TriggerCharacters { get; }

    /// <summary>The longest match in characters, 1 to 512. In a stream so many are held back after a trigger character, which is what makes the result independent of how the text was cut.</summary>
    int MaxLength { get; }

    /// <summary>Says whether a match begins at the first character of <paramref name="text"/>.</summary>
    /// <param name="previous">The character before it; <c>'\0'</c> at the start of the text.</param>
    /// <param name="text">The next characters, one more than <see cref="MaxLength"/>, or fewer at the end of the text.</param>
    /// <returns>The length of the match; 0 if there is none.</returns>
    int Match(char previous, ReadOnlySpan<char> text);
}
