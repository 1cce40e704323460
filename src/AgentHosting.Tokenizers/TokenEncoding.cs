namespace AgentHosting.Tokenizers;

/// <summary>How a text is cut into tokens.</summary>
public enum TokenEncoding
{
    /// <summary>That of gpt-4o and all later models of OpenAI.</summary>
    O200kBase,

    /// <summary>That of gpt-4, gpt-4-turbo and gpt-3.5-turbo.</summary>
    Cl100kBase,
}
