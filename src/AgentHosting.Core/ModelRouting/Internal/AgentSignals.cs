using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>
/// What an agent's request tells beside its text. No public data set has such requests with outcomes, so these are small, plain shifts of the log-odds
/// and not fitted: together they can move a prompt by about a quarter of the ranking.
/// </summary>
internal static class AgentSignals
{
    private const double PerTool = 0.02;
    private const int MostTools = 10;
    private const double PerModelCall = 0.05;
    private const int MostModelCalls = 6;
    private const double ForSchema = 0.1;
    private const double ForFullWindow = 0.3;
    private const double FullWindowShare = 0.5;

    public static double Apply(double probability, ModelRouteContext context, in CurrentTurn turn)
    {
        var shift = (PerTool * Math.Min(MostTools, context.Options?.Tools?.Count ?? 0))
            + (PerModelCall * Math.Min(MostModelCalls, turn.ModelCalls))
            + (context.Options?.ResponseFormat is ChatResponseFormatJson { Schema: not null } ? ForSchema : 0)
            + (IsWindowFilling(context) ? ForFullWindow : 0);
        return shift == 0 ? probability : 1 / (1 + ((1 - probability) / probability * Math.Exp(-shift)));
    }

    private static bool IsWindowFilling(ModelRouteContext context) =>
        context.Targets[0].Options?.ContextWindow is { } window && context.EstimatedInputTokens > window * FullWindowShare;
}
