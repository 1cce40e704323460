using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// The transport to a program, which tells messages that could not be sent from those whose answer never came: after the former a call may be made again.
/// A message ends with its last byte, so one that was sent in part was not read as a message.
/// </summary>
internal sealed class McpProcessTransport(IClientTransport inner) : IClientTransport
{
    public string Name => inner.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => new Session(await inner.ConnectAsync(cancellationToken));

    private sealed class Session(ITransport inner) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

        public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            try
            {
                await inner.SendMessageAsync(message, cancellationToken);
            }
            catch (IOException exception)
            {
                throw new McpNotSentException("The message could not be given to the server's process.", exception);
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
