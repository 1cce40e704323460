using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using Json.Schema.Keywords;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Patterns of names with a time limit.</summary>
internal sealed class BoundedPatternProperties : PatternPropertiesKeyword
{
    public override object? ValidateKeywordValue(JsonElement value) =>
        ((Dictionary<string, Regex>)base.ValidateKeywordValue(value)!).ToDictionary(static pair => pair.Key, static pair => BoundedPattern.Bound(pair.Value));

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        if (context.Instance.ValueKind == JsonValueKind.Object && keyword.Value is Dictionary<string, Regex> patterns)
        {
            // All are tried here first, since their sum cannot be bounded from outside.
            foreach (var property in context.Instance.EnumerateObject())
            {
                foreach (var pattern in patterns.Values)
                {
                    var started = Stopwatch.GetTimestamp();
                    _ = pattern.IsMatch(property.Name);
                    BoundedSchema.Matched(Stopwatch.GetElapsedTime(started));
                }
            }
        }

        return base.Evaluate(keyword, context);
    }
}
