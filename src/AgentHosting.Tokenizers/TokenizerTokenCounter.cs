using System.Collections.Concurrent;
using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using AgentHosting.Tokenizers.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Tokenizers;

/// <summary>
/// Counts tokens as OpenAI's models do: the text exactly, the frame of messages and tools by the published rules, images by their size. Other models are counted with
/// <see cref="TokenEncoding.O200kBase"/> and <see cref="TokenizerOptions.OtherModelFactor"/>.
/// </summary>
/// <remarks>Thread-safe. The first count of an encoding loads its table, which takes some tenths of a second and some ten megabytes.</remarks>
public sealed class TokenizerTokenCounter : ITokenCounter
{
    // Published by OpenAI: each message begins and ends with a mark and has a role; the answer is primed with three tokens.
    private const int TokensPerMessage = 3;
    private const int TokensPerName = 1;
    private const int TokensOfAnswer = 3;

    // Audio and documents, whose length is not known before the provider reads them.
    private const int TokensPerOtherMedia = 4000;

    // Names come from callers, so what is remembered of them has a bound.
    private const int MaxRememberedModels = 1000;

    private readonly ConcurrentDictionary<string, ModelCounting> _models = new(StringComparer.Ordinal);
    private readonly TokenizerOptions _options;
    private readonly Func<string?, string?>? _providerModel;

    /// <summary>Creates a counter.</summary>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Not to be changed afterwards.</param>
    /// <param name="providerModel">
    /// Tells the provider's name of the model that <c>ChatOptions.ModelId</c> names, or of the default model for <see langword="null"/>; where it knows none, or is not
    /// given, <c>ModelId</c> is taken for the provider's name.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TokenizerTokenCounter(TokenizerOptions? options = null, Func<string?, string?>? providerModel = null)
    {
        _options = options ?? new TokenizerOptions();
        ThrowIfWrong(_options);
        _providerModel = providerModel;
    }

    /// <inheritdoc/>
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var counting = CountingOf(options?.ModelId);
        var text = TextTokens.Of(counting.Encoding);
        long tokens = TokensOfAnswer;
        if (!string.IsNullOrEmpty(options?.Instructions))
        {
            tokens += TokensPerMessage + text.Count("system") + text.Count(options.Instructions);
        }

        foreach (var message in messages)
        {
            tokens += Message(message, text, counting);
        }

        tokens += ToolTokens.Count(options?.Tools, text, counting.Encoding);
        if (options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } format)
        {
            tokens += TokensPerMessage + text.Count(format.SchemaName) + text.Count(format.SchemaDescription) + text.Count(schema.GetRawText());
        }

        return counting.Factor == 1 ? tokens : (long)Math.Ceiling(tokens * counting.Factor);
    }

    /// <inheritdoc/>
    /// <remarks>With <see cref="TokenEncoding.O200kBase"/>, since an answer does not tell its model.</remarks>
    public long CountOutput(ReadOnlySpan<char> text) => TextTokens.Of(TokenEncoding.O200kBase).Count(text);

    internal static void ThrowIfWrong(TokenizerOptions options)
    {
        if (!(options.OtherModelFactor is >= 1 and <= 10))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.OtherModelFactor, $"{nameof(TokenizerOptions)}.{nameof(options.OtherModelFactor)} is {options.OtherModelFactor}. Use a factor between 1 and 10.");
        }
    }

    private static long Message(ChatMessage message, TextTokens text, ModelCounting counting)
    {
        long tokens = TokensPerMessage + text.Count(message.Role.Value);
        if (!string.IsNullOrEmpty(message.AuthorName))
        {
            tokens += TokensPerName + text.Count(message.AuthorName);
        }

        for (var i = 0; i < message.Contents.Count; i++)
        {
            tokens += Content(message.Contents[i], text, counting);
        }

        return tokens;
    }

    private static long Content(AIContent content, TextTokens text, ModelCounting counting) => content switch
    {
        TextContent said => text.Count(said.Text),
        TextReasoningContent reasoning => text.Count(reasoning.Text),
        FunctionCallContent call => ToolTokens.Count(call, text),
        FunctionResultContent { Result: AIContent result } => TokensPerMessage + Content(result, text, counting),
        FunctionResultContent { Result: IEnumerable<AIContent> results } => TokensPerMessage + results.Sum(result => Content(result, text, counting)),
        FunctionResultContent result => TokensPerMessage + ToolTokens.Value(result.Result, text),
        DataContent data when data.HasTopLevelMediaType("image") => counting.Images.Count(ImageSize.Read(data.Data.Span), ImageTokens.IsLowDetail(data)),
        UriContent uri when uri.HasTopLevelMediaType("image") => counting.Images.Count(null, ImageTokens.IsLowDetail(uri)),
        DataContent data => ContentText.Of(data) is { } file ? text.Count(file) : TokensPerOtherMedia,
        UriContent => TokensPerOtherMedia,
        _ => 0,
    };

    private ModelCounting CountingOf(string? modelId)
    {
        var key = modelId ?? "";
        if (_models.TryGetValue(key, out var known))
        {
            return known;
        }

        var provider = _providerModel?.Invoke(modelId);
        var counting = ModelCounting.Of(modelId, provider ?? modelId, _options);
        if (_models.Count < MaxRememberedModels)
        {
            _models.TryAdd(key, counting);
        }

        return counting;
    }
}
