using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing;

/// <summary>
/// Estimates tokens without a tokenizer, from the shape of the text. Of input it is meant to err on the high side, so that what is reserved covers what is billed;
/// output it counts as closely as it can.
/// </summary>
/// <remarks>An estimate, not a bound: register an exact <see cref="ITokenCounter"/> where the difference matters.</remarks>
public sealed class TokenEstimator : ITokenCounter
{
    // A large picture in high detail: 1,445 tokens where it is cut into tiles, up to 3,779 where it is cut into patches. gpt-4o-mini alone counts far more.
    private const int TokensPerMedia = 4000;

    // Role and separators of a message; name and frame of a tool.
    private const int TokensPerMessage = 8;
    private const int TokensPerTool = 16;

    private TokenEstimator()
    {
    }

    /// <summary>The estimator. It has no state.</summary>
    public static TokenEstimator Instance { get; } = new();

    /// <inheritdoc/>
    public long CountInput(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var tokens = Text(options?.Instructions);
        if (messages is IReadOnlyList<ChatMessage> list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                tokens += Message(list[i]);
            }
        }
        else
        {
            foreach (var message in messages)
            {
                tokens += Message(message);
            }
        }

        for (var i = 0; i < (options?.Tools?.Count ?? 0); i++)
        {
            var tool = options!.Tools![i];
            tokens += TokensPerTool + Text(tool.Name) + Text(tool.Description);
            if (tool is AIFunctionDeclaration function)
            {
                tokens += Text(function.JsonSchema.GetRawText());
            }
        }

        return options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? tokens + Text(schema.GetRawText()) : tokens;
    }

    /// <inheritdoc/>
    /// <value>2: what it may count too much in the languages and formats that a test compares it with.</value>
    public double OutputTolerance => 2;

    /// <inheritdoc/>
    public long CountOutput(ReadOnlySpan<char> text) => TokenScanner.Count(text);

    private static long Message(ChatMessage message)
    {
        long tokens = TokensPerMessage + Text(message.AuthorName);
        for (var i = 0; i < message.Contents.Count; i++)
        {
            tokens += Content(message.Contents[i]);
        }

        return tokens;
    }

    private static long Content(AIContent content) => content switch
    {
        TextContent text => Text(text.Text),
        TextReasoningContent reasoning => Text(reasoning.Text),
        FunctionCallContent call => Call(call),
        FunctionResultContent { Result: AIContent result } => TokensPerMessage + Content(result),
        FunctionResultContent { Result: IEnumerable<AIContent> results } => TokensPerMessage + results.Sum(Content),
        FunctionResultContent result => TokensPerMessage + Value(result.Result),
        DataContent data => ContentText.Of(data) is { } text ? Text(text) : TokensPerMedia,
        UriContent => TokensPerMedia,
        _ => 0,
    };

    // What is not known to be short is taken for long.
    private static long Value(object? value) => ContentText.TryGet(value, out var text) ? Text(text) : Math.Max(Text(text), TokensPerMedia);

    private static long Call(FunctionCallContent call)
    {
        var tokens = TokensPerMessage + Text(call.Name);
        if (call.Arguments is not null)
        {
            foreach (var (name, value) in call.Arguments)
            {
                tokens += 2 + Text(name) + Value(value);
            }
        }

        return tokens;
    }

    private static long Text(string? text) => InputScanner.Count(text);
}
