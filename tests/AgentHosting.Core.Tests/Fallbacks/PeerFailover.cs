using AgentHosting.CircuitBreakers;
using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

#pragma warning disable MEAI001 // Experimental: run beside ours.

/// <summary>The failover of Microsoft.Extensions.AI and ours, each over a first model that plays one turn for ever and another that answers "other".</summary>
internal sealed class PeerFailover : IDisposable
{
    private readonly bool _streaming;

    public PeerFailover(ScriptedTurn first, bool streaming)
    {
        _streaming = streaming;
        (PeerFirst, PeerOther, OurFirst, OurOther) = (First(first), Other(), First(first), Other());
        Peer = new OrderedFailoverChatClient([PeerFirst, PeerOther]);
        Ours = OurFirst.AsBuilder().UseFallback(new FallbackOptions { Clients = { OurOther } }).UseCircuitBreaker(new CircuitBreakerOptions()).Build();
    }

    public ScriptedChatClient PeerFirst { get; }

    public ScriptedChatClient PeerOther { get; }

    public ScriptedChatClient OurFirst { get; }

    public ScriptedChatClient OurOther { get; }

    public IChatClient Peer { get; }

    public IChatClient Ours { get; }

    public async Task<string> PeerAsync() => (await Peer.CallAsync(_streaming)).Text;

    public async Task<string> OursAsync() => (await Ours.CallAsync(_streaming)).Text;

    public void Dispose()
    {
        Peer.Dispose();
        Ours.Dispose();
        OurOther.Dispose();
    }

    private static ScriptedChatClient First(ScriptedTurn turn) => new(turn) { Repeat = true, ModelId = "first-model" };

    private static ScriptedChatClient Other() => new(ScriptedTurn.Text("other")) { Repeat = true };
}
