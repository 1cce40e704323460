using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>What a server offers, as far as it is allowed and accepted. Asked for again when it is old, when the server says so, and in each new session.</summary>
internal sealed partial class McpToolList(
    McpToolSource source, Func<McpServerOptions> options, IMcpToolPinStore pins, TimeProvider timeProvider, McpMetrics metrics, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile McpToolSnapshot? _snapshot;

    /// <summary>What was known last.</summary>
    public McpToolSnapshot? Snapshot => _snapshot;

    /// <summary>The list that is known, if it may be used without asking again.</summary>
    private McpToolSnapshot? Fresh(McpSession session) =>
        _snapshot is { } snapshot
        && snapshot.Session == session
        && !snapshot.IsExpired
        && timeProvider.GetElapsedTime(snapshot.Timestamp) < options().RefreshInterval
            ? snapshot : null;

    public async ValueTask<McpToolSnapshot> GetAsync(McpSession session, CancellationToken cancellationToken)
    {
        if (Fresh(session) is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Fresh(session) is { } readMeanwhile)
            {
                return readMeanwhile;
            }

            var snapshot = await ReadAsync(session, cancellationToken);
            _snapshot = snapshot;
            return snapshot;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<McpToolSnapshot> ReadAsync(McpSession session, CancellationToken cancellationToken)
    {
        var settings = options();
        // Taken before the list is asked for: a change that is told of meanwhile makes it out of date.
        var changes = session.Changes;
        var found = await FindAsync(session, settings, cancellationToken);
        var tools = McpToolNames.Of(settings.ToolPrefix, found.DistinctBy(static tool => tool.Name, StringComparer.Ordinal).OrderBy(static tool => tool.Name, StringComparer.Ordinal));
        if (tools.Count > settings.MaxTools)
        {
            LogLeftOut(logger, source.Name, tools.Count, settings.MaxTools);
            tools.RemoveRange(settings.MaxTools, tools.Count - settings.MaxTools);
        }

        var former = (_snapshot?.Functions ?? []).OfType<McpFunction>().ToDictionary(static function => function.Name, StringComparer.Ordinal);
        var functions = new List<AIFunction>(tools.Count);
        var accepted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, tool) in tools)
        {
            var fingerprint = McpToolFingerprint.Of(tool);
            if (await IsAcceptedAsync(tool, fingerprint, settings, cancellationToken))
            {
                accepted[tool.Name] = fingerprint;
                // What is counted of a tool is kept by its object, so one that is as it was stays the same object.
                var function = new McpFunction(source, name, tool, fingerprint, settings);
                functions.Add(former.TryGetValue(name, out var same) && same.IsSameAs(function) ? same : function);
            }
            else
            {
                functions.Add(new McpChangedFunction(name));
            }
        }

        LogListed(logger, source.Name, functions.Count);
        return new McpToolSnapshot(session, changes, functions, accepted, timeProvider.GetTimestamp());
    }

    private async ValueTask<bool> IsAcceptedAsync(Tool tool, string fingerprint, McpServerOptions settings, CancellationToken cancellationToken)
    {
        var pinned = await pins.GetOrAddAsync(source.Name, tool.Name, fingerprint, cancellationToken);
        if (pinned == fingerprint)
        {
            return true;
        }

        var isAccepted = settings.OnToolChanged == McpToolChangePolicy.Allow || settings.AcceptedTools.Contains(fingerprint);
        if (!isAccepted && settings.AcceptChange is { } accept)
        {
            isAccepted = await accept(
                new McpToolChange
                {
                    Server = source.Name,
                    Tool = tool.Name,
                    PinnedFingerprint = pinned,
                    Fingerprint = fingerprint,
                    Description = tool.Description,
                    InputSchema = tool.InputSchema,
                },
                cancellationToken);
        }

        metrics.Changed(source.Name, isAccepted);
        if (isAccepted)
        {
            await pins.SetAsync(source.Name, tool.Name, fingerprint, cancellationToken);
            LogAccepted(logger, source.Name, tool.Name, fingerprint, pinned);
        }
        else
        {
            LogChanged(logger, source.Name, tool.Name, fingerprint, pinned);
        }

        return isAccepted;
    }

    [LoggerMessage(McpEventIds.ToolsListed, LogLevel.Debug, "MCP server '{Server}' offers {Count} tools to agents.", EventName = "McpToolsListed")]
    private static partial void LogListed(ILogger logger, string server, int count);

    [LoggerMessage(McpEventIds.ToolsLeftOut, LogLevel.Warning, "MCP server '{Server}' offers {Count} tools. Those beyond the first {Most} are left out: name what is needed in AllowedTools, or raise MaxTools.", EventName = "McpToolsLeftOut")]
    private static partial void LogLeftOut(ILogger logger, string server, int count, int most);

    [LoggerMessage(McpEventIds.ToolChanged, LogLevel.Warning, "Tool '{Tool}' of MCP server '{Server}' has changed and is refused. Look at its new definition; to accept it, add {Fingerprint} to AcceptedTools. Pinned is {Pinned}.", EventName = "McpToolChanged")]
    private static partial void LogChanged(ILogger logger, string server, string tool, string fingerprint, string pinned);

    [LoggerMessage(McpEventIds.ToolChangeAccepted, LogLevel.Warning, "Tool '{Tool}' of MCP server '{Server}' has changed, and {Fingerprint} is accepted in place of {Pinned}.", EventName = "McpToolChangeAccepted")]
    private static partial void LogAccepted(ILogger logger, string server, string tool, string fingerprint, string pinned);
}
