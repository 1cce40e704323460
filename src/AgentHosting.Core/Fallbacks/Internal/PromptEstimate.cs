using System.Text;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>
/// How many tokens a request may take, without a tokenizer. It errs on the high side, since a model that is left out costs an alternative, and a model that
/// is too small costs a failed call: a token of English text is about four bytes, of code about three; in scripts where a character is a token of its own, a
/// character has three bytes of UTF-8. So three bytes are one token.
/// </summary>
internal static class PromptEstimate
{
    private const int BytesPerToken = 3;

    // A large picture in high detail (OpenAI: 85 tokens and 170 for each of up to 8 tiles); a minute of audio is about as much.
    private const int TokensPerMedia = 1500;

    // Role and separators.
    private const int TokensPerMessage = 8;

    public static long Of(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        long bytes = Bytes(options?.Instructions);
        long tokens = 0;
        foreach (var message in messages)
        {
            tokens += TokensPerMessage;
            foreach (var content in message.Contents)
            {
                switch (content)
                {
                    case TextContent text:
                        bytes += Bytes(text.Text);
                        break;
                    case TextReasoningContent reasoning:
                        bytes += Bytes(reasoning.Text);
                        break;
                    case FunctionCallContent call:
                        bytes += Bytes(call.Name);
                        foreach (var argument in call.Arguments ?? new Dictionary<string, object?>())
                        {
                            bytes += Bytes(argument.Key) + Bytes(argument.Value?.ToString());
                        }

                        break;
                    case FunctionResultContent result:
                        bytes += Bytes(result.Result?.ToString());
                        break;
                    case DataContent or UriContent:
                        tokens += TokensPerMedia;
                        break;
                    default:
                        break;
                }
            }
        }

        foreach (var tool in options?.Tools ?? [])
        {
            bytes += Bytes(tool.Name) + Bytes(tool.Description);
            if (tool is AIFunctionDeclaration function)
            {
                bytes += Bytes(function.JsonSchema.GetRawText());
            }
        }

        return tokens + (bytes / BytesPerToken) + (options?.MaxOutputTokens ?? 0);
    }

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
