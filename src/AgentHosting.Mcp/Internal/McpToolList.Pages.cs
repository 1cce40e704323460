using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

internal sealed partial class McpToolList
{
    // Page by page, since the client's own way reads until the server says that it was all, which it may never do.
    private async Task<List<Tool>> FindAsync(McpSession session, McpServerOptions settings, CancellationToken cancellationToken)
    {
        var tools = new List<Tool>();
        string? cursor = null;
        var seen = 0;
        for (var page = 0; page < McpDefaults.MaxListedPages && seen < McpDefaults.MaxListedTools; page++)
        {
            var result = await session.Client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellationToken);
            seen += result.Tools.Count;
            tools.AddRange(result.Tools.Where(tool =>
                (settings.AllowedTools.Count == 0 || settings.AllowedTools.Contains(tool.Name)) && !settings.DeniedTools.Contains(tool.Name) && IsUsable(session, tool)));
            cursor = result.NextCursor;
            if (cursor is null)
            {
                return tools;
            }
        }

        LogTooLong(logger, source.Name, seen);
        return tools;
    }

    private bool IsUsable(McpSession session, Tool tool)
    {
        if (tool.Name.Length + (tool.Description?.Length ?? 0) + tool.InputSchema.GetRawText().Length > McpDefaults.MaxDefinitionCharacters)
        {
            LogUnusable(logger, null, source.Name, Shown(tool));
            return false;
        }

        try
        {
            // The client reads from the definition which arguments the server wants as headers.
            session.Client.AddKnownTools([tool]);
            return true;
        }
        catch (ArgumentException exception)
        {
            LogUnusable(logger, exception, source.Name, Shown(tool));
            return false;
        }
    }

    private static string Shown(Tool tool) => tool.Name.Length > McpToolNames.Longest ? tool.Name[..McpToolNames.Longest] : tool.Name;

    [LoggerMessage(McpEventIds.ToolUnusable, LogLevel.Warning, "Tool '{Tool}' of MCP server '{Server}' is left out: its definition is longer than 65,536 characters, or asks for headers that are none.", EventName = "McpToolUnusable")]
    private static partial void LogUnusable(ILogger logger, Exception? exception, string server, string tool);

    [LoggerMessage(McpEventIds.ListTooLong, LogLevel.Warning, "The list of tools of MCP server '{Server}' does not end. It was read up to tool {Count}.", EventName = "McpListTooLong")]
    private static partial void LogTooLong(ILogger logger, string server, int count);
}
