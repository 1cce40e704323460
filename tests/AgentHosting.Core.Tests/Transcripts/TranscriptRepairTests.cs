using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;
using static AgentHosting.Core.Tests.Transcripts.Conversation;

namespace AgentHosting.Core.Tests.Transcripts;

public sealed class TranscriptRepairTests
{
    private static readonly string Missing = TranscriptRepair.MissingResult;

    /// <summary>What is given, and what comes back, each message as role:contents.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "U A(c1) T(c1) A", "U A(c1) T(c1) A" },
        { "U A(c1,c2) T(c1) T(c2) A", "U A(c1,c2) T(c1) T(c2) A" },
        { "U A(c1,c2) T(c2,c1)", "U A(c1,c2) T(c2,c1)" },
        // Interrupted before, between and after parallel calls.
        { "U A(c1) U", "U A(c1) T(c1?) U" },
        { "U A(c1)", "U A(c1) T(c1?)" },
        { "U A(c1,c2) T(c2) U", "U A(c1,c2) T(c2) T(c1?) U" },
        { "U A(c1,c2) T(c2)", "U A(c1,c2) T(c2) T(c1?)" },
        { "U A(t,c1) U", "U A(t,c1) T(c1?) U" },
        { "U A(r,c1) U", "U A(r,c1) T(c1?) U" },
        // Results without a call, twice, and in the wrong place.
        { "T(c1)", "" },
        { "U T(c1) A", "U A" },
        { "U T(c1,t) A", "U T(t) A" },
        { "U A(c1) T(c1) T(c1) U", "U A(c1) T(c1) U" },
        { "U A(c1) T(c1,c1) U", "U A(c1) T(c1) U" },
        { "U A(c1) U T(c1) A", "U A(c1) T(c1) U A" },
        { "U T(c1) A(c1) A", "U A(c1) T(c1) A" },
        { "U A(c1,c1') T(c1)", "U A(c1,c1') T(c1) T(c1'?)" },
        { "U A(c1) A(c2) T(c1) T(c2) A", "U A(c1) T(c1) A(c2) T(c2) A" },
        { "U A(c1) A(c2) T(c1,c2) A", "U A(c1) T(c1) A(c2) T(c2) A" },
        { "U A(c1) A T(c1) U", "U A(c1) T(c1) A U" },
        { "U A(c1,c2) U T(c2) T(c1) A", "U A(c1,c2) T(c1,c2) U A" },
        // The same id for ever: a result answers its own exchange only.
        { "U A(x) T(x) U A(x) T(x) U A(x) U", "U A(x) T(x) U A(x) T(x) U A(x) T(x?) U" },
        { "U A(x) U A(x) T(x) T(x)", "U A(x) T(x?) U A(x) T(x)" },
        { "U A(x,x) T(x) T(x)", "U A(x,x) T(x) T(x)" },
        { "U A(x,x) T(x) U", "U A(x,x) T(x) T(x?) U" },
        { "U T(x) A(x) U A(x) T(x)", "U A(x) T(x?) U A(x) T(x)" },
        // Results in the user's name, as some clients bring them and others do not send; and in the message of the call.
        { "U A(c1) U(c1) A", "U A(c1) T(c1) A" },
        { "U A(c1,c2) U(c1,t) A", "U A(c1,c2) T(c1,c2?) U(t) A" },
        { "U A(c1,c1=) A", "U A(c1) T(c1) A" },
        // A service ran it and tells of it: nobody has to answer.
        { "U A(i1) U", "U A(i1) U" },
        { "U A(i1,i1=,t) U A(c1) U", "U A(i1,i1=,t) U A(c1) T(c1?) U" },
        { "", "" },
        { "S U A U", "S U A U" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Repair_Conversation_IsAsTheTableSays(string given, string expected)
    {
        var messages = Parse(given);
        var repaired = TranscriptRepair.Repair(messages);

        Assert.Equal(expected, Write(repaired));
        Assert.Equal(given, Write(messages));
        Assert.Same(repaired, TranscriptRepair.Repair(repaired));
        Assert.Equal(given == expected, ReferenceEquals(messages, repaired));
    }

    [Fact]
    public void Repair_WholeConversation_AllocatesNothing()
    {
        var messages = Parse("S U A(c1,c2) T(c1) T(c2) A(r,t) U A(x) T(x) A(t) U");
        TranscriptRepair.Repair(messages);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            TranscriptRepair.Repair(messages);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Repair_ChangedMessage_IsACopyWithoutTheProvidersOwnForm()
    {
        var orphan = Parse("U T(c1,t)");
        orphan[1].RawRepresentation = "as the provider sent it";
        orphan[1].MessageId = "m1";

        var repaired = TranscriptRepair.Repair(orphan)[1];

        Assert.Equal(("m1", null), (repaired.MessageId, repaired.RawRepresentation));
        Assert.Equal(2, orphan[1].Contents.Count);
    }

    [Fact]
    public void Repair_CallWithoutResult_TellsThatTheOutcomeIsNotKnown()
    {
        var repaired = TranscriptRepair.Repair(Parse("U A(c1) U"));

        Assert.Equal(Missing, Assert.IsType<FunctionResultContent>(Assert.Single(repaired[2].Contents)).Result);
        Assert.Contains("not known", Missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Repair_TenThousandCallsInOneMessage_TakesLinearTime()
    {
        var calls = new ChatMessage(ChatRole.Assistant, [.. Enumerable.Range(0, 10_000).Select(AIContent (i) => new FunctionCallContent($"c{i}", "f"))]);
        var results = new ChatMessage(ChatRole.Tool, [.. Enumerable.Range(0, 10_000).Select(AIContent (i) => new FunctionResultContent($"c{i}", "r"))]);

        var messages = new[] { calls, results };

        Assert.Same(messages, TranscriptRepair.Repair(messages));
    }
}
