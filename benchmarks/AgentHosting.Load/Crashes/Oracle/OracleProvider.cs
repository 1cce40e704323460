using System.Text.Json;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>The provider: it reads the plan in the last user message and asks for its tools, round by round, then says what it has seen.</summary>
internal sealed class OracleProvider(OracleLog log, int longestMilliseconds)
{
    public ScriptedTurn Answer(ScriptedRequest request)
    {
        // The field "user" of the wire: the marking stage puts it there.
        var mark = ((JsonElement)request.Options!.AdditionalProperties!["user"]!).GetString()!;
        var users = request.Messages.Where(static message => message.Role == ChatRole.User).Select(static message => CrashPlan.Parse(message.Text)).ToArray();
        var plan = users[^1];
        var round = request.Messages.Reverse().TakeWhile(static message => message.Role != ChatRole.User).Count(static message => message.Role == ChatRole.Assistant);
        var delay = OracleDelay.Of(plan.Number, round, longestMilliseconds);
        log.Add(OracleCall.Model, mark, delay);
        var turn = round < plan.Rounds.Count
            ? ScriptedTurn.ToolCalls([.. plan.Rounds[round].Select((tool, position) => new ScriptedToolCall(tool, new Dictionary<string, object?> { ["item"] = plan.ItemOf(round, position) }))])
            : ScriptedTurn.Text(plan.AnswerOf(users[..^1].Select(static user => user.Number), request.ToolResultTexts.Select(ResultOf)));
        return turn.WithDelay(delay);
    }

    private static string ResultOf(string text)
    {
        var plain = text.Trim('"');
        return plain.StartsWith("Error: ", StringComparison.Ordinal) && plain.Contains("begun before and interrupted", StringComparison.Ordinal) ? CrashPlan.UnknownOutcome : plain;
    }
}
