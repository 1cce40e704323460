namespace AgentHosting.Tokenizers;

/// <summary>How tokens of models are counted that are not OpenAI's.</summary>
public class TokenizerOptions
{
    /// <summary>
    /// By how much the count with <see cref="TokenEncoding.O200kBase"/> is multiplied for models whose own encoding is not public, such as Claude and Gemini.
    /// </summary>
    /// <value>The default is 1.5: an assumption, to be corrected by what your provider reports.</value>
    public double OtherModelFactor { get; set; } = 1.5;

    /// <summary>The encoding of models whose name does not tell it: a deployment of Azure, a name of your own. The name is that of the catalog or the provider's.</summary>
    /// <value>The default is empty.</value>
    public IDictionary<string, TokenEncoding> Encodings { get; } = new Dictionary<string, TokenEncoding>(StringComparer.OrdinalIgnoreCase);
}
