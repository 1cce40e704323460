using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing.Internal;

/// <summary>Counts what a model has said.</summary>
internal static class OutputMeter
{
    public static long Count(ITokenCounter counter, IList<AIContent> contents)
    {
        var tokens = 0L;
        for (var i = 0; i < contents.Count; i++)
        {
            tokens += contents[i] switch
            {
                TextContent text => counter.CountOutput(text.Text),
                TextReasoningContent reasoning => counter.CountOutput(reasoning.Text),
                FunctionCallContent call => Count(counter, call),
                _ => 0,
            };
        }

        return tokens;
    }

    private static long Count(ITokenCounter counter, FunctionCallContent call)
    {
        var tokens = counter.CountOutput(call.Name);
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            tokens += counter.CountOutput(name) + counter.CountOutput(value?.ToString());
        }

        return tokens;
    }
}
