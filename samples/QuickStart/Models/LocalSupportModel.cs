using System.Text.Json;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using QuickStart.Calculations;
using QuickStart.Search;

namespace QuickStart.Models;

/// <summary>
/// The answers of <see cref="LocalModelServer"/> when there is no API key: fixed rules, no language model. It picks tools from the message and quotes
/// what they return, so that queue, steps, events, usage and sessions are those of a real agent. Every answer says what it is.
/// </summary>
internal static class LocalSupportModel
{
    /// <summary>Ends every answer.</summary>
    public const string Signature = "(Answered by a local scripted model, not by an AI.)";

    // A section that holds less of the question than this does not answer it.
    private const double MinCoverage = 0.55;

    public static ScriptedTurn Answer(ScriptedRequest request)
    {
        if (request.ToolResults.Count > 0)
        {
            return Say(AnswerFromTools(request));
        }

        if (Conversation.Recall(request.Messages, request.LastUserText) is { } recalled)
        {
            return Say(recalled);
        }

        var reading = MessageReading.Of(request.LastUserText);
        var calls = Calls(request, reading).ToArray();
        return calls.Length > 0 ? ScriptedTurn.ToolCalls(calls) : Say(WithoutTools(reading));
    }

    private static ScriptedTurn Say(string text) => ScriptedTurn.Text($"{text} {Signature}");

    private static IEnumerable<ScriptedToolCall> Calls(ScriptedRequest request, MessageReading reading)
    {
        if (reading.Query.Length > 0 && request.OffersTool(DocumentSearchTool.Name))
        {
            var query = $"{reading.Query} {Conversation.ContinuedQuery(request.Messages, request.LastUserText)}".Trim();
            yield return new ScriptedToolCall(DocumentSearchTool.Name, new Dictionary<string, object?> { ["query"] = query });
        }

        if (reading.Expression is { } expression && request.OffersTool(CalculatorTool.Name))
        {
            yield return new ScriptedToolCall(CalculatorTool.Name, new Dictionary<string, object?> { ["expression"] = expression });
        }
    }

    private static string WithoutTools(MessageReading reading) => reading.IsSmallTalk
        ? "Hello! I stand in for a language model: I search the Northwind Vault documents and calculate. Set OPENAI_API_KEY to talk to a real one."
        : "I can only search the documents and calculate, and the tool for it is not offered to me here.";

    private static string AnswerFromTools(ScriptedRequest request)
    {
        var names = request.Messages
            .SelectMany(static message => message.Contents.OfType<FunctionCallContent>())
            .GroupBy(static call => call.CallId, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Last().Name, StringComparer.Ordinal);
        return string.Join(' ', request.ToolResults.Zip(
            request.ToolResultTexts,
            (result, text) => names.GetValueOrDefault(result.CallId) == CalculatorTool.Name ? Calculated(text) : Quoted(request.LastUserText, text)));
    }

    private static string Calculated(string text) => Read<CalculationAnswer>(text) switch
    {
        { Result: { } result } answer => $"{answer.Expression} = {result}.",
        { Error: { } error } answer => $"{answer.Expression} has no result: {error}",
        _ => $"The calculator failed: {text}",
    };

    private static string Quoted(string message, string text)
    {
        if (Read<SearchAnswer>(text) is not { } answer)
        {
            return $"The search failed: {text}";
        }

        // Of a continued question the new words must be found too, or the old answer would come again.
        var terms = SearchTerms.Of(MessageReading.Of(message).Query).ToHashSet(StringComparer.Ordinal);
        var hit = answer.Results.FirstOrDefault(hit => hit.Coverage >= MinCoverage && SearchTerms.Of($"{hit.Heading} {hit.Text}").Any(terms.Contains));
        return hit is null
            ? "The documents do not hold an answer to that."
            : $"From \"{hit.Heading}\" ({hit.File}): {string.Join(' ', Quotation.From(hit.Text, terms))}";
    }

    /// <remarks>A tool that threw or timed out returns a sentence where the JSON would be.</remarks>
    private static T? Read<T>(string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
