using System.Text.Json;

namespace AgentHosting.Testing.Internal;

/// <summary>OpenAI's rule: the results of an assistant message's tool calls follow it at once, all of them and no others.</summary>
internal static class WireToolMessages
{
    public static void Validate(JsonElement messages)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            if (message.Text("role") == "tool")
            {
                if (message.Text("tool_call_id") is not { } id || !open.Remove(id))
                {
                    throw new WireFormatException(
                        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                        $"messages.[{index}].role");
                }
            }
            else
            {
                RequireAnswered(open, index);
                open.UnionWith(message.Items("tool_calls").Select(static call => call.Text("id") ?? ""));
            }

            index++;
        }

        RequireAnswered(open, index);
    }

    private static void RequireAnswered(HashSet<string> open, int index)
    {
        if (open.Count > 0)
        {
            throw new WireFormatException(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                + $"The following tool_call_ids did not have response messages: {string.Join(", ", open.Order(StringComparer.Ordinal))}",
                $"messages.[{index}].role");
        }
    }
}
