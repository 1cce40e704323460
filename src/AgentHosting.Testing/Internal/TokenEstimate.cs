using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>Four UTF-16 characters are a token, rounded up. Crude on purpose: a test can compute it in its head.</summary>
internal static class TokenEstimate
{
    private const int CharactersPerToken = 4;

    public static UsageDetails Of(ScriptedRequest request, ScriptedTurn turn)
    {
        var input = ToTokens(
            (request.Options?.Instructions?.Length ?? 0L) + request.Messages.Sum(static message => message.Contents.Sum(Length)));
        var output = ToTokens(
            (turn.Reasoning?.Length ?? 0L)
            + turn.TextChunks.Sum(static chunk => (long)chunk.Length)
            + turn.Calls.Sum(static call => (long)call.Name.Length + call.ArgumentsJson.Length));
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    private static long ToTokens(long characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;

    private static long Length(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        FunctionCallContent call => call.Name.Length + ToolArguments.ToJson(call.Arguments?.AsReadOnly()).Length,
        FunctionResultContent result => ToolResultText.Of(result).Length,
        _ => 0,
    };
}
