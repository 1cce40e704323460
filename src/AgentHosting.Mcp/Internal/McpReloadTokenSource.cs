using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace AgentHosting.Mcp.Internal;

/// <summary>Lets the options of a server be made anew when configuration is reloaded, so that an operator can accept a changed tool while the host runs.</summary>
internal sealed class McpReloadTokenSource(string name, IConfiguration? configuration) : IOptionsChangeTokenSource<McpServerOptions>
{
    public string Name => name;

    public IChangeToken GetChangeToken() => configuration?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);
}
