using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>The cache of Microsoft.Extensions.AI over a scripted model that always answers the same.</summary>
internal sealed class PeerCache : IDisposable
{
    private readonly DistributedCachingChatClient _client;

    public PeerCache(ScriptedTurn turn, TimeProvider? time = null)
    {
        Model = new ScriptedChatClient(turn) { Repeat = true, TimeProvider = time ?? TimeProvider.System };
        _client = new DistributedCachingChatClient(Model, Store);
    }

    public ScriptedChatClient Model { get; }

    public PeerCacheStore Store { get; } = new();

    public Task<ChatResponse> AskAsync(bool streaming, ChatOptions? options = null) => _client.CallAsync(streaming, options);

    public void Dispose() => _client.Dispose();
}
