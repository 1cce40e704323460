using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts.Internal;

/// <summary>Tells, without allocating, whether a conversation needs no repair. Where it is not sure it says that it does.</summary>
internal static class TranscriptCheck
{
    // Calls are compared with results each with each; a message with more of them is left to the repairer, which takes linear time.
    private const int MaxCallsToCompare = 64;

    public static bool IsWhole(IReadOnlyList<ChatMessage> messages)
    {
        var i = 0;
        while (i < messages.Count)
        {
            var message = messages[i];
            if (ToolContents.HasToldCalls(message))
            {
                return false;
            }

            if (!ToolContents.HasCalls(message))
            {
                if (ToolContents.HasResults(message))
                {
                    return false;
                }

                i++;
                continue;
            }

            var end = i + 1;
            while (end < messages.Count && messages[end].Role == ChatRole.Tool)
            {
                end++;
            }

            if (!Match(messages, i, end))
            {
                return false;
            }

            i = end;
        }

        return true;
    }

    private static bool Match(IReadOnlyList<ChatMessage> messages, int ask, int end)
    {
        var calls = messages[ask].Contents;
        var callCount = 0;
        for (var i = 0; i < calls.Count; i++)
        {
            if (calls[i] is FunctionResultContent)
            {
                return false;
            }

            callCount += ToolContents.IsCall(calls[i]) ? 1 : 0;
        }

        var resultCount = 0;
        for (var m = ask + 1; m < end; m++)
        {
            var contents = messages[m].Contents;
            for (var i = 0; i < contents.Count; i++)
            {
                resultCount += contents[i] is FunctionResultContent ? 1 : 0;
            }
        }

        if (callCount != resultCount || callCount > MaxCallsToCompare)
        {
            return false;
        }

        for (var i = 0; i < calls.Count; i++)
        {
            if (ToolContents.IsCall(calls[i]) && !HasAsManyResults(messages, ask, end, ((FunctionCallContent)calls[i]).CallId))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasAsManyResults(IReadOnlyList<ChatMessage> messages, int ask, int end, string callId)
    {
        var difference = 0;
        for (var m = ask; m < end; m++)
        {
            var contents = messages[m].Contents;
            for (var i = 0; i < contents.Count; i++)
            {
                difference += contents[i] switch
                {
                    FunctionCallContent call when m == ask && ToolContents.IsCall(call) && call.CallId == callId => 1,
                    FunctionResultContent result when m > ask && result.CallId == callId => -1,
                    _ => 0,
                };
            }
        }

        return difference == 0;
    }
}
