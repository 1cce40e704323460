using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Guardrails;

/// <summary>Sends texts through the guard's own path of updates.</summary>
internal sealed class Guarded
{
    private readonly GuardedAnswer _answer;

    public Guarded(OutputGuardOptions? options = null)
    {
        options ??= new OutputGuardOptions();
        _answer = new GuardedAnswer(new GuardPolicy(options, options.Vault), filterReasoning: true);
    }

    public List<string> Found { get; } = [];

    public string Whole(string text, bool isJson = false)
    {
        Start(isJson);
        var result = _answer.Filter(new ChatResponse(new ChatMessage(ChatRole.Assistant, text))).Text;
        _answer.Reset();
        return result;
    }

    /// <summary>What is seen after each piece, and at the end.</summary>
    public List<string> Stream(string text, IEnumerable<int> cuts, bool isJson = false)
    {
        Start(isJson);
        var seen = new List<string>();
        var shown = string.Empty;
        var at = 0;
        foreach (var cut in cuts.Append(text.Length))
        {
            _answer.Add(new ChatResponseUpdate(ChatRole.Assistant, text[at..cut]));
            at = cut;
            Take();
        }

        _answer.EndText();
        Take();
        _answer.Reset();
        return seen;

        void Take()
        {
            while (_answer.Take() is { } update)
            {
                shown += update.Text;
            }

            seen.Add(shown);
        }
    }

    private void Start(bool isJson)
    {
        Found.Clear();
        _answer.Start(isJson, new TokenScope("tenant", Session: "session"), (kind, _) => Found.Add(kind));
    }
}
