using Json.Schema;
using Json.Schema.Keywords.Draft201909;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A reference that counts as a step.</summary>
internal sealed class BoundedRecursiveRef : RecursiveRefKeyword
{
    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context) => BoundedSchema.Follow(base.Evaluate, keyword, context);
}
