using AgentHosting.ModelRouting.Internal.Complexity;
using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>The last turn of the user, and how the agent has fared with it since.</summary>
internal readonly struct CurrentTurn
{
    /// <summary>The calls and results that are looked back on.</summary>
    private const int Window = 6;

    /// <summary>From this many failures or repeats on the agent is taken to be stuck.</summary>
    private const int Trouble = 3;

    private readonly IReadOnlyList<ChatMessage> _messages;
    private readonly int _start;

    private CurrentTurn(IReadOnlyList<ChatMessage> messages, int start)
    {
        _messages = messages;
        _start = start;
    }

    /// <summary>How many answers the model has given in this turn.</summary>
    public int ModelCalls
    {
        get
        {
            var calls = 0;
            for (var i = _start + 1; i < _messages.Count; i++)
            {
                calls += _messages[i].Role == ChatRole.Assistant ? 1 : 0;
            }

            return calls;
        }
    }

    public static CurrentTurn Of(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            // Some clients hand tool results back in the user's name.
            if (messages[i].Role == ChatRole.User && !IsToolResult(messages[i]))
            {
                return new CurrentTurn(messages, i);
            }
        }

        return new CurrentTurn(messages, -1);
    }

    public PromptCounts Count()
    {
        var scanner = new PromptScanner();
        if (_start >= 0)
        {
            var contents = _messages[_start].Contents;
            for (var i = 0; i < contents.Count; i++)
            {
                if (contents[i] is TextContent text)
                {
                    scanner.Add(text.Text);
                }
            }
        }

        return scanner.Counts;
    }

    /// <summary>The user's text, for a judge to read.</summary>
    public string Text => _start >= 0 ? _messages[_start].Text : "";

    /// <summary>Whether tools keep failing, or the same call is made again and again.</summary>
    public bool IsInTrouble()
    {
        if (_messages.Count - _start <= 2)
        {
            return false;
        }

        var errors = 0;
        var results = 0;
        var calls = new List<FunctionCallContent>(Window);
        for (var i = _messages.Count - 1; i > _start; i--)
        {
            var contents = _messages[i].Contents;
            for (var k = contents.Count - 1; k >= 0; k--)
            {
                if (contents[k] is FunctionResultContent result && results++ < Window)
                {
                    errors += IsError(result) ? 1 : 0;
                }
                else if (contents[k] is FunctionCallContent call && calls.Count < Window)
                {
                    calls.Add(call);
                }
            }
        }

        return errors >= Trouble || RepeatedCalls.Most(calls) >= Trouble;
    }

    private static bool IsError(FunctionResultContent result) =>
        result.Exception is not null || (result.Result?.ToString()?.StartsWith("Error", StringComparison.OrdinalIgnoreCase) ?? false);

    private static bool IsToolResult(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i] is not FunctionResultContent)
            {
                return false;
            }
        }

        return message.Contents.Count > 0;
    }
}
