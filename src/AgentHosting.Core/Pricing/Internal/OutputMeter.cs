using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing.Internal;

/// <summary>Counts what a model says, as it comes.</summary>
internal sealed class OutputMeter(ITokenCounter counter)
{
    private readonly TextMeter _text = new(counter);
    private readonly TextMeter _reasoning = new(counter);
    private long _calls;

    public long Tokens => _text.Tokens + _reasoning.Tokens + _calls;

    public void Add(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            switch (contents[i])
            {
                case TextContent text:
                    _text.Add(text.Text);
                    break;
                case TextReasoningContent reasoning:
                    _reasoning.Add(reasoning.Text);
                    break;
                case FunctionCallContent call:
                    _calls += Count(call);
                    break;
                default:
                    break;
            }
        }
    }

    private long Count(FunctionCallContent call)
    {
        var tokens = counter.CountOutput(call.Name);
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            _ = ContentText.TryGet(value, out var text);
            tokens += counter.CountOutput(name) + counter.CountOutput(text);
        }

        return tokens;
    }
}
