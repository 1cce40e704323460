using AgentHosting.Agents;
using AgentHosting.Mcp;
using AgentHosting.Mcp.Internal;

namespace AgentHosting;

/// <summary>Gives agents the tools of MCP servers.</summary>
public static class McpAgentBuilderExtensions
{
    /// <summary>
    /// Gives the agent the tools of an MCP server that is reached over HTTP. Agents that name the same address share its connection. The server's name, in
    /// configuration and before tools, is made of the address: <c>localhost-3001-mcp</c> for <c>http://localhost:3001/mcp</c>.
    /// </summary>
    /// <param name="agent">The agent.</param>
    /// <param name="url">The address.</param>
    /// <param name="configure">Changes the settings of the server, for all agents that share it.</param>
    /// <returns>The agent's builder.</returns>
    public static AgentBuilder WithMcpServer(this AgentBuilder agent, Uri url, Action<McpServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return agent.Add(McpServerNames.Of(url), options => options.Url = url, configure);
    }

    /// <summary>
    /// Gives the agent the tools of an MCP server that is started here and spoken to over its standard input and output. Agents that name the same program with
    /// the same arguments share it. The server's name is that of its first argument without a dash, or else of the program:
    /// <c>server-everything</c> for <c>npx -y @modelcontextprotocol/server-everything</c>.
    /// </summary>
    /// <param name="agent">The agent.</param>
    /// <param name="command">The program.</param>
    /// <param name="arguments">Its arguments, each passed as it is: no shell reads them.</param>
    /// <param name="configure">Changes the settings of the server, for all agents that share it.</param>
    /// <returns>The agent's builder.</returns>
    public static AgentBuilder WithMcpServer(this AgentBuilder agent, string command, IEnumerable<string>? arguments = null, Action<McpServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        string[] list = [.. arguments ?? []];
        return agent.Add(
            McpServerNames.Of(command, list),
            options =>
            {
                options.Command = command;
                options.Arguments.Clear();
                foreach (var argument in list)
                {
                    options.Arguments.Add(argument);
                }
            },
            configure);
    }

    private static AgentBuilder Add(this AgentBuilder agent, string name, Action<McpServerOptions> reach, Action<McpServerOptions>? configure)
    {
        // Two servers whose names come out the same would otherwise be taken for one.
        var unused = new McpServerOptions();
        reach(unused);
        agent.Services.AddMcpServerOnce(name, options =>
        {
            if ((options.Command is not null || options.Url is not null)
                && (options.Command != unused.Command || options.Url != unused.Url || !options.Arguments.SequenceEqual(unused.Arguments)))
            {
                throw new InvalidOperationException($"Two MCP servers would be named '{name}'. Give them names with AddMcpServer(name, ...), and agents with WithToolSource(name).");
            }

            reach(options);
            configure?.Invoke(options);
        });
        return agent.WithToolSource(name);
    }
}
