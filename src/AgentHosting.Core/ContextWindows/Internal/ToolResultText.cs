using System.Globalization;
using AgentHosting.Pricing;
using AgentHosting.Pricing.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Reads the text of tool results, and makes shorter ones. What is given is never changed.</summary>
internal static class ToolResultText
{
    // The end of a result is often its sum or its error.
    private const double ShareOfHead = 0.75;

    /// <summary>The text that is sent for a result; <see langword="null"/> when it is no text.</summary>
    public static string? Of(FunctionResultContent result) => result.Result switch
    {
        TextContent text => text.Text,
        AIContent or IEnumerable<AIContent> => null,
        { } value when ContentText.TryGet(value, out var text) => text,
        _ => null,
    };

    /// <summary>The head and the tail of a text with a note between them; <see langword="null"/> when it is short enough.</summary>
    public static string? Shortened(string text, int maxTokens, ITokenCounter counter)
    {
        // A token has at least one byte, and a char of a string at most three.
        if (text.Length * 3L <= maxTokens || counter.CountOutput(text) is var tokens && tokens <= maxTokens)
        {
            return null;
        }

        var length = (int)(text.Length * (double)maxTokens / tokens);
        while (length > 0)
        {
            var head = Boundary(text, (int)(length * ShareOfHead));
            var tail = Boundary(text, text.Length - (length - head));
            var shortened = string.Create(
                CultureInfo.InvariantCulture,
                $"{text.AsSpan(0, head)}\n[{tail - head} of {text.Length} characters of this result were left out, to fit the context window.]\n{text.AsSpan(tail)}");
            if (counter.CountOutput(shortened) <= maxTokens || length < 16)
            {
                return shortened.Length < text.Length ? shortened : null;
            }

            length = length * 4 / 5;
        }

        return null;
    }

    public static FunctionResultContent WithText(FunctionResultContent result, string text) => new(result.CallId, text)
    {
        Exception = result.Exception,
        AdditionalProperties = result.AdditionalProperties,
        Annotations = result.Annotations,
    };

    /// <summary>Not between the halves of a surrogate pair.</summary>
    private static int Boundary(string text, int index) => index > 0 && index < text.Length && char.IsLowSurrogate(text[index]) ? index - 1 : index;
}
