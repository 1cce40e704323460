using AgentHosting.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Mcp.Tests;

internal static class DocsSnippets
{
    public static void Host(IServiceCollection services, IChatClient provider, string token)
    {
        #region add-mcp-server
        services.AddAgentHosting()
            .AddModel("mini", _ => provider)
            .AddMcpServer("tickets", options =>
            {
                options.Url = new Uri("https://tickets.example.com/mcp");
                options.Headers["Authorization"] = $"Bearer {token}";
                options.AllowedTools.Add("find_ticket");
                options.AllowedTools.Add("close_ticket");
                options.IdempotentTools.Add("find_ticket");
            })
            .AddAgent("support", agent => agent.WithToolSource("tickets"));
        #endregion
    }

    public static void Short(IServiceCollection services, IChatClient provider)
    {
        #region with-mcp-server
        services.AddAgentHosting()
            .AddModel("mini", _ => provider)
            .AddAgent("helper", agent => agent
                .WithMcpServer(new Uri("http://localhost:3001/mcp"))
                .WithMcpServer("npx", ["-y", "@modelcontextprotocol/server-everything"]));
        #endregion
    }

    public static async Task Alone(IChatClient client, CancellationToken cancellationToken)
    {
        #region without-host
        await using var source = new McpToolSource("local", new McpServerOptions { Url = new Uri("http://localhost:3001/mcp") });
        var options = new ChatOptions { Tools = [.. await source.GetToolsAsync(cancellationToken)] };
        var answer = await client.GetResponseAsync("What is on my list?", options, cancellationToken);
        #endregion
        _ = answer;
    }
}
