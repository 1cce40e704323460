using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

public sealed class TranscriptRepairTests
{
    [Fact]
    public void WithoutOrphans_CallWithoutResult_IsTakenOut()
    {
        var repaired = TranscriptRepair.WithoutOrphans([User("a"), Assistant(Call("1")), User("b")]);

        Assert.Equal([ChatRole.User, ChatRole.User], repaired.Select(message => message.Role));
    }

    [Fact]
    public void WithoutOrphans_TextBesideTheCall_IsKept()
    {
        var repaired = TranscriptRepair.WithoutOrphans([Assistant(new TextContent("hm"), Call("1"))]);

        Assert.IsType<TextContent>(Assert.Single(Assert.Single(repaired).Contents));
    }

    [Fact]
    public void WithoutOrphans_ResultWithoutCall_IsTakenOut() =>
        Assert.Empty(TranscriptRepair.WithoutOrphans([Tool(Result("1"))]));

    [Fact]
    public void WithoutOrphans_RepeatedCallId_AnswersOnlyItsOwnExchange()
    {
        var repaired = TranscriptRepair.WithoutOrphans([Assistant(Call("0")), Tool(Result("0")), Assistant(Call("0")), User("b")]);

        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.User], repaired.Select(message => message.Role));
    }

    [Fact]
    public void WithoutOrphans_WholeExchange_IsUntouched()
    {
        ChatMessage[] messages = [User("a"), Assistant(Call("1"), Call("2")), Tool(Result("1")), Tool(Result("2")), Assistant(new TextContent("b"))];

        Assert.Equal(messages, TranscriptRepair.WithoutOrphans(messages));
    }

    [Fact]
    public void WithoutOrphans_OneOfTwoCallsAnswered_KeepsThatPair()
    {
        var repaired = TranscriptRepair.WithoutOrphans([Assistant(Call("1"), Call("2")), Tool(Result("2"))]);

        Assert.Equal("2", Assert.IsType<FunctionCallContent>(Assert.Single(repaired[0].Contents)).CallId);
        Assert.Equal(2, repaired.Count);
    }

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(params AIContent[] contents) => new(ChatRole.Assistant, contents);

    private static ChatMessage Tool(params AIContent[] contents) => new(ChatRole.Tool, contents);

    private static FunctionCallContent Call(string id) => new(id, "f");

    private static FunctionResultContent Result(string id) => new(id, "r");
}
