using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>A rough count of tokens that costs no tokenizer: four characters each, which is usual for English.</summary>
internal static class TokenEstimate
{
    private const int CharactersPerToken = 4;
    private const int TokensPerMessage = 4;
    private const int TokensPerAttachment = 1000;

    public static long Of(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        long characters = options?.Instructions?.Length ?? 0;
        long tokens = messages.Count * TokensPerMessage;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var k = 0; k < contents.Count; k++)
            {
                switch (contents[k])
                {
                    case TextContent text:
                        characters += text.Text.Length;
                        break;
                    case TextReasoningContent reasoning:
                        characters += reasoning.Text.Length;
                        break;
                    case FunctionResultContent { Result: { } result }:
                        characters += (result as string ?? result.ToString())?.Length ?? 0;
                        break;
                    case FunctionCallContent { Arguments: { } arguments }:
                        characters += CharactersOf(arguments);
                        break;
                    case DataContent or UriContent:
                        tokens += TokensPerAttachment;
                        break;
                    default:
                        break;
                }
            }
        }

        return tokens + (characters / CharactersPerToken);
    }

    private static long CharactersOf(IDictionary<string, object?> arguments)
    {
        long characters = 0;
        foreach (var (name, value) in arguments)
        {
            characters += name.Length + ((value as string ?? value?.ToString())?.Length ?? 0);
        }

        return characters;
    }
}
