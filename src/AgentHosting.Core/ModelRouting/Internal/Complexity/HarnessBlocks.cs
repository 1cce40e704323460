namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Finds the blocks that agent harnesses put into a user's message (reminders, editor state): they say nothing about what the user asks.</summary>
internal static class HarnessBlocks
{
    private static readonly string[] Names =
        ["system-reminder", "system_reminder", "environment_details", "environment_context", "user_info", "additional_data", "command-message", "local-command-stdout", "ide_selection", "ide_opened_file"];

    /// <summary>Finds the first block: from its opening tag to the end of its closing tag, or to the end of the text when it is not closed.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, out int start, out int end)
    {
        for (start = 0; start < text.Length; start++)
        {
            var next = text[start..].IndexOf('<');
            if (next < 0)
            {
                break;
            }

            start += next;
            foreach (var name in Names)
            {
                if (IsTag(text[(start + 1)..], name))
                {
                    end = EndOf(text, start, name);
                    return true;
                }
            }
        }

        start = end = 0;
        return false;
    }

    private static bool IsTag(ReadOnlySpan<char> text, string name) =>
        text.Length > name.Length && text[name.Length] is '>' or ' ' && text.StartsWith(name, StringComparison.Ordinal);

    private static int EndOf(ReadOnlySpan<char> text, int start, string name)
    {
        for (var i = start; i < text.Length; i++)
        {
            var next = text[i..].IndexOf("</", StringComparison.Ordinal);
            if (next < 0)
            {
                break;
            }

            i += next + 2;
            if (IsTag(text[i..], name))
            {
                return i + name.Length + 1;
            }
        }

        return text.Length;
    }
}
