using AgentHosting.Runs;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>What a reader is told where events are no longer kept, so that a snapshot stands for them.</summary>
public sealed class AgentRunUpdateWriterTests
{
    private static readonly AgentRunEvent Snapshot = new() { Sequence = 9, Type = AgentRunEventTypes.Snapshot, Step = "1", Text = "One two " };
    private static readonly AgentRunEvent Rest = new() { Sequence = 10, Type = AgentRunEventTypes.TextDelta, Step = "1", Text = "three." };
    private static readonly AgentRun Ended = new()
    {
        Id = "r",
        Agent = "a",
        Message = "m",
        Status = AgentRunStatus.Succeeded,
        Identity = AgentIdentity.Anonymous,
        Result = "One two three.",
        CreatedAt = DateTimeOffset.UnixEpoch,
        ExpiresAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void Write_SnapshotAtTheBeginning_IsTheWholeText()
    {
        var response = Read(0, Snapshot, Rest);

        Assert.Equal("One two three.", Assert.Single(response.Messages).Text);
    }

    [Fact]
    public void Write_SnapshotOverWhatWasTold_TellsOnlyTheRest()
    {
        var response = Read(0, new AgentRunEvent { Sequence = 2, Type = AgentRunEventTypes.TextDelta, Step = "1", Text = "One " }, Snapshot, Rest);

        Assert.Equal("One two three.", Assert.Single(response.Messages).Text);
    }

    [Fact]
    public void Write_SnapshotToAReaderThatGoesOn_IsAMessageOfItsOwn()
    {
        var told = new ChatResponseUpdate(ChatRole.Assistant, "One ") { MessageId = "r/1", ResponseId = "r" };
        var response = Read(2, told, Snapshot, Rest);

        Assert.Equal(["One ", "One two three."], response.Messages.Select(static message => message.Text));
    }

    private static ChatResponse Read(long after, params AgentRunEvent[] events) => Read(after, null, events);

    private static ChatResponse Read(long after, ChatResponseUpdate? told, params AgentRunEvent[] events)
    {
        var writer = new AgentRunUpdateWriter("r", "a", after);
        List<ChatResponseUpdate> updates = [.. events.SelectMany(writer.Write), .. writer.End(Ended)];
        return (told is null ? updates : updates.Prepend(told)).ToChatResponse();
    }
}
