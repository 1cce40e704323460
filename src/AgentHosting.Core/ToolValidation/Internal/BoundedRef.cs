using Json.Schema;
using Json.Schema.Keywords;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A reference that counts as a step.</summary>
internal sealed class BoundedRef : RefKeyword
{
    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context) => BoundedSchema.Follow(base.Evaluate, keyword, context);
}
