using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Puts values in the place of their tokens: in messages to the model and in arguments of tools. What is no token of the session stays as it is.</summary>
internal sealed class TokenRestorer(TokenVault vault, HashSet<string> kinds)
{
    private const int MaxToken = 80;
    private const int MaxDigits = 6;

    /// <summary>Messages as the model is to see them. The caller's own are not changed.</summary>
    public IEnumerable<ChatMessage> Restore(IEnumerable<ChatMessage> messages, TokenScope scope)
    {
        var list = messages as IList<ChatMessage> ?? [.. messages];
        List<ChatMessage>? copy = null;
        for (var i = 0; i < list.Count; i++)
        {
            var contents = Restore(list[i].Contents, scope, callsOnly: false);
            if (!ReferenceEquals(contents, list[i].Contents))
            {
                copy ??= [.. list];
                copy[i] = list[i].Clone();
                (copy[i].Contents, copy[i].RawRepresentation) = (contents, null);
            }
        }

        return copy ?? list;
    }

    /// <summary>Contents of an answer with the arguments that a tool is to get.</summary>
    /// <returns>The same instance where nothing is restored.</returns>
    public IList<AIContent> RestoreCalls(IList<AIContent> contents, TokenScope scope) => Restore(contents, scope, callsOnly: true);

    private IList<AIContent> Restore(IList<AIContent> contents, TokenScope scope, bool callsOnly)
    {
        List<AIContent>? copy = null;
        for (var i = 0; i < contents.Count; i++)
        {
            var content = contents[i];
            var restored = content is FunctionCallContent || !callsOnly ? Restore(content, scope) : content;
            if (!ReferenceEquals(restored, content))
            {
                copy ??= [.. contents];
                copy[i] = restored;
            }
        }

        return copy ?? contents;
    }

    private AIContent Restore(AIContent content, TokenScope scope)
    {
        switch (content)
        {
            case TextContent { Text: { } text } when RestoreText(text, scope) is var shown && !ReferenceEquals(shown, text):
                return new TextContent(shown) { AdditionalProperties = content.AdditionalProperties };
            case TextReasoningContent { Text: { } text } reasoning when RestoreText(text, scope) is var shown && !ReferenceEquals(shown, text):
                return new TextReasoningContent(shown) { ProtectedData = reasoning.ProtectedData, AdditionalProperties = content.AdditionalProperties };
            case FunctionCallContent { Arguments: { } arguments } call when RestoreValue(arguments, scope) is IDictionary<string, object?> given && !ReferenceEquals(given, arguments):
                return new FunctionCallContent(call.CallId, call.Name, given)
                {
                    Exception = call.Exception, InformationalOnly = call.InformationalOnly, Annotations = call.Annotations, AdditionalProperties = call.AdditionalProperties,
                };
            case FunctionResultContent result when RestoreValue(result.Result, scope) is var given && !ReferenceEquals(given, result.Result):
                return new FunctionResultContent(result.CallId, given) { Exception = result.Exception, AdditionalProperties = result.AdditionalProperties };
            default:
                return content;
        }
    }

    private object? RestoreValue(object? value, TokenScope scope)
    {
        switch (value)
        {
            case string text:
                return RestoreText(text, scope);
            case JsonElement element:
                var raw = element.GetRawText();
                // An encoder may have written < as \u003c: then the strings are looked at one by one.
                if (!raw.Contains('<', StringComparison.Ordinal) && !raw.Contains("\\u003", StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }

                var node = JsonNode.Parse(raw);
                return TryRestore(ref node, scope) ? Parse(node!.ToJsonString()) : value;
            case JsonNode json:
                var clone = json.DeepClone();
                return TryRestore(ref clone, scope) ? clone : value;
            case IDictionary<string, object?> values:
                Dictionary<string, object?>? copy = null;
                foreach (var (name, given) in values)
                {
                    var restored = RestoreValue(given, scope);
                    if (restored is not null && !ReferenceEquals(restored, given) && !restored.Equals(given))
                    {
                        copy ??= new Dictionary<string, object?>(values);
                        copy[name] = restored;
                    }
                }

                return copy ?? values;
            case IEnumerable<AIContent> contents:
                var list = contents as IList<AIContent> ?? [.. contents];
                var shown = Restore(list, scope, callsOnly: false);
                return ReferenceEquals(shown, list) ? value : shown;
            default:
                return value;
        }
    }

    private bool TryRestore(ref JsonNode? node, TokenScope scope)
    {
        var isChanged = false;
        switch (node)
        {
            case JsonObject members:
                foreach (var name in members.Select(static member => member.Key).ToList())
                {
                    var member = members[name];
                    if (TryRestore(ref member, scope))
                    {
                        isChanged = true;
                        if (!ReferenceEquals(members[name], member))
                        {
                            members[name] = member;
                        }
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    var item = items[i];
                    if (TryRestore(ref item, scope))
                    {
                        isChanged = true;
                        if (!ReferenceEquals(items[i], item))
                        {
                            items[i] = item;
                        }
                    }
                }

                break;
            case JsonValue single when single.TryGetValue<string>(out var text) && RestoreText(text, scope) is var restored && !ReferenceEquals(restored, text):
                node = JsonValue.Create(restored);
                isChanged = true;
                break;
        }

        return isChanged;
    }

    /// <summary>A text with the values of its tokens.</summary>
    /// <returns>The same instance where it holds none.</returns>
    public string RestoreText(string text, TokenScope scope)
    {
        StringBuilder? result = null;
        var (at, from) = (0, 0);
        while (at < text.Length && text.IndexOf('<', at) is >= 0 and var open)
        {
            at = open + 1;
            var window = text.AsSpan(open, Math.Min(MaxToken, text.Length - open));
            var close = window.IndexOf('>');
            if (close < 0 || !TryRead(window[1..close], out var kind, out var number))
            {
                continue;
            }

            if (vault.ValueOf(scope, window[..(close + 1)]) is not { } value)
            {
                vault.Reserve(scope, kind, number);
                continue;
            }

            result ??= new StringBuilder();
            result.Append(text, from, open - from).Append(IsJson(text) ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value) : value);
            at = from = open + close + 1;
        }

        return result?.Append(text, from, text.Length - from).ToString() ?? text;
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static bool IsJson(string text) => text.AsSpan().TrimStart() is ['{' or '[' or '"', ..];

    private bool TryRead(ReadOnlySpan<char> name, out string kind, out int number)
    {
        (kind, number) = (string.Empty, 0);
        var bar = name.LastIndexOf('_');
        return bar > 0 && name.Length - bar - 1 is >= 1 and <= MaxDigits && name[bar + 1] != '0'
            && int.TryParse(name[(bar + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && kinds.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..bar], out kind!);
    }
}
