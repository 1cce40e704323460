namespace AgentHosting.Tokenizers.Internal;

/// <summary>How the tokens of one model are counted.</summary>
internal sealed class ModelCounting
{
    // What begins the names of models, after the provider's or the region's part.
    private static readonly string[] Cl100kModels = ["gpt-4", "gpt-3.5", "gpt-35"];
    private static readonly string[] O200kModels = ["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-6", "chatgpt-", "gpt-oss", "codex", "o1", "o3", "o4"];

    public required TokenEncoding Encoding { get; init; }

    public required double Factor { get; init; }

    public required ImageTokens Images { get; init; }

    /// <summary>Chooses by name.</summary>
    /// <param name="name">The name by which a call asks for the model.</param>
    /// <param name="providerName">The provider's name for it.</param>
    /// <param name="options">What the application says about names.</param>
    public static ModelCounting Of(string? name, string? providerName, TokenizerOptions options)
    {
        // "openai/gpt-4o", "ft:gpt-4o:team" and "us.openai.gpt-oss" are the model that their last part begins with.
        var model = Bare(providerName ?? "");
        var images = ImageTokens.Of(model);
        if ((name is not null && options.Encodings.TryGetValue(name, out var encoding))
            || (providerName is not null && options.Encodings.TryGetValue(providerName, out encoding)))
        {
            return new ModelCounting { Encoding = encoding, Factor = 1, Images = images };
        }

        return Begins(model, O200kModels) ? new ModelCounting { Encoding = TokenEncoding.O200kBase, Factor = 1, Images = images }
            : Begins(model, Cl100kModels) ? new ModelCounting { Encoding = TokenEncoding.Cl100kBase, Factor = 1, Images = images }
            : new ModelCounting { Encoding = TokenEncoding.O200kBase, Factor = options.OtherModelFactor, Images = images };
    }

    private static string Bare(string name)
    {
        var model = name[(name.LastIndexOf('/') + 1)..];
        model = model.StartsWith("ft:", StringComparison.OrdinalIgnoreCase) ? model[3..] : model;
        var vendor = model.IndexOf("openai.", StringComparison.OrdinalIgnoreCase);
        return vendor < 0 ? model : model[(vendor + "openai.".Length)..];
    }

    private static bool Begins(string model, string[] names) => Array.Exists(names, name => model.StartsWith(name, StringComparison.OrdinalIgnoreCase));
}
