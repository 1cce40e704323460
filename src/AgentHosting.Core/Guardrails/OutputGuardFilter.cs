using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.Options;

namespace AgentHosting.Guardrails;

/// <summary>
/// Filters values outside the stream of an answer by the same rules: results of tools before the model sees them, arguments of tools where they are shown.
/// Thread-safe.
/// </summary>
public sealed class OutputGuardFilter
{
    private readonly GuardPolicy _policy;

    /// <summary>Creates a filter with these rules.</summary>
    /// <param name="options">The rules, read once.</param>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    public OutputGuardFilter(OutputGuardOptions options)
        : this(options, options?.Vault)
    {
    }

    internal OutputGuardFilter(OutputGuardOptions options, TokenVault? vault)
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new OutputGuardOptionsValidator().Validate(Options.DefaultName, options);
        _policy = result.Failed ? throw new OptionsValidationException(Options.DefaultName, typeof(OutputGuardOptions), result.Failures) : new GuardPolicy(options, vault ?? options.Vault);
    }

    /// <summary>Filters a text. One with something to block ends before it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tenantId">The tenant within which hashes are the same.</param>
    /// <returns>The same instance where nothing is replaced.</returns>
    public string FilterText(string text, string? tenantId = null) => Filter(text, isJson: false, new TokenScope(tenantId));

    /// <summary>Filters JSON, which stays JSON. Where something is to be blocked the whole becomes a string that says so.</summary>
    /// <param name="json">The JSON text.</param>
    /// <param name="tenantId">The tenant within which hashes are the same.</param>
    /// <returns>The same instance where nothing is replaced.</returns>
    public string FilterJson(string json, string? tenantId = null) => Filter(json, isJson: true, new TokenScope(tenantId));

    /// <summary>Filters a value of a tool: text, JSON, a number, or a list or dictionary of them such as arguments, its names included. Values of other types are returned as they are.</summary>
    /// <param name="value">The value.</param>
    /// <param name="tenantId">The tenant within which hashes are the same.</param>
    /// <returns>The same instance where nothing is replaced.</returns>
    public object? FilterValue(object? value, string? tenantId = null) => FilterValue(value, new TokenScope(tenantId));

    /// <summary>Filters a value of a tool as the answers of a call are filtered: tokens of <see cref="SensitiveDataAction.Tokenize"/> are those of its session.</summary>
    /// <param name="value">Text, JSON, a number, or a list or dictionary of them such as arguments, its names included. Values of other types are returned as they are.</param>
    /// <param name="context">The call.</param>
    /// <returns>The same instance where nothing is replaced.</returns>
    public object? FilterValue(object? value, AgentCallContext? context) => FilterValue(value, TokenScope.Of(context));

    private object? FilterValue(object? value, in TokenScope scope)
    {
        switch (value)
        {
            case string text:
                return Filter(text, isJson: false, scope);
            case JsonElement element:
                var raw = element.GetRawText();
                var filtered = Filter(raw, isJson: true, scope);
                return ReferenceEquals(raw, filtered) ? value : Parse(filtered);
            case JsonNode node:
                var json = node.ToJsonString();
                var shown = Filter(json, isJson: true, scope);
                return ReferenceEquals(json, shown) ? value : FilteredJson.ToNode(Parse(shown));
            case IDictionary<string, object?> values:
                return FilterValues(values, scope);
            case IReadOnlyList<object?> items:
                return FilterItems(items, scope);
            case long or ulong or decimal or double:
                // As in JSON, a number that is something becomes a text.
                var number = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                var written = Filter(number, isJson: false, scope);
                return ReferenceEquals(number, written) ? value : written;
            default:
                return value;
        }
    }

    private IDictionary<string, object?> FilterValues(IDictionary<string, object?> values, in TokenScope scope)
    {
        var isChanged = false;
        var copy = new Dictionary<string, object?>(values.Count);
        foreach (var (name, value) in values)
        {
            var (shownName, shown) = (Filter(name, isJson: false, scope), FilterValue(value, scope));
            isChanged |= !ReferenceEquals(shownName, name) || !ReferenceEquals(shown, value);
            // Two names may become one.
            var unique = shownName;
            for (var i = 2; !copy.TryAdd(unique, shown); i++)
            {
                unique = FilteredJson.NameOf(shownName, i);
            }
        }

        return isChanged ? copy : values;
    }

    private IReadOnlyList<object?> FilterItems(IReadOnlyList<object?> items, in TokenScope scope)
    {
        List<object?>? copy = null;
        for (var i = 0; i < items.Count; i++)
        {
            var shown = FilterValue(items[i], scope);
            if (!ReferenceEquals(shown, items[i]))
            {
                copy ??= [.. items];
                copy[i] = shown;
            }
        }

        return copy ?? items;
    }

    private string Filter(string text, bool isJson, in TokenScope scope)
    {
        ArgumentNullException.ThrowIfNull(text);
        var redactor = new StreamingRedactor(_policy);
        redactor.Start(isJson, scope);
        redactor.Append(text);
        redactor.Complete();
        var shown = !redactor.HasEdits ? text : redactor.Render(text, 0) ?? text;
        return isJson && redactor.BlockedKind is { } kind ? $"\"[BLOCKED: {kind}]\"" : shown;
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
