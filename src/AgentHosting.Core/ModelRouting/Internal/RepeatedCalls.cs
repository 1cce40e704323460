using Microsoft.Extensions.AI;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Finds tool calls that are the same: name and arguments.</summary>
internal static class RepeatedCalls
{
    public static int Most(List<FunctionCallContent> calls)
    {
        var most = 0;
        for (var i = 0; i < calls.Count; i++)
        {
            var same = 0;
            for (var k = i; k < calls.Count; k++)
            {
                same += IsSame(calls[i], calls[k]) ? 1 : 0;
            }

            most = Math.Max(most, same);
        }

        return most;
    }

    private static bool IsSame(FunctionCallContent one, FunctionCallContent other)
    {
        if (one.Name != other.Name || (one.Arguments?.Count ?? 0) != (other.Arguments?.Count ?? 0))
        {
            return false;
        }

        foreach (var (name, value) in one.Arguments ?? new Dictionary<string, object?>())
        {
            // Arguments come as JSON elements or as values, depending on the client: their text is what both have.
            if (!other.Arguments!.TryGetValue(name, out var otherValue) || value?.ToString() != otherValue?.ToString())
            {
                return false;
            }
        }

        return true;
    }
}
