using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using Json.Schema.Keywords;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A pattern with a time limit.</summary>
internal sealed class BoundedPattern : PatternKeyword
{
    public override object? ValidateKeywordValue(JsonElement value) => Bound((Regex)base.ValidateKeywordValue(value)!);

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var result = base.Evaluate(keyword, context);
        BoundedSchema.Matched(Stopwatch.GetElapsedTime(started));
        return result;
    }

    // Not compiled: many schemas are used once or twice, and code that was made stays.
    internal static Regex Bound(Regex regex) => new(regex.ToString(), regex.Options & ~RegexOptions.Compiled, BoundedSchema.MaxMatching);
}
