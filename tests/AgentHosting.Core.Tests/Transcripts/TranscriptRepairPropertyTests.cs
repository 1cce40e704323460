using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Transcripts;

public sealed class TranscriptRepairPropertyTests
{
    [Fact]
    public void Repair_RandomConversations_EachCallHasOneResultDirectlyBehindItAndNothingElseIsLost()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var messages = Create(new Random(seed));
            var before = Conversation.Write(messages);
            var repaired = TranscriptRepair.Repair(messages);
            var shown = $"seed {seed}: {before} -> {Conversation.Write(repaired)}";

            Assert.True(IsWhole(repaired), shown);
            Assert.True(Others(messages).SequenceEqual(Others(repaired), ReferenceEqualityComparer.Instance), shown);
            Assert.True(Conversation.Write(messages) == before, shown);
            Assert.True(ReferenceEquals(repaired, TranscriptRepair.Repair(repaired)), shown);
            Assert.True(!IsWhole(messages) || Conversation.Write(repaired) == before, shown);
            Assert.True(ResultsGiven(repaired).All(ResultsGiven(messages).Contains), shown);
            Assert.True(AnswersKept(messages, repaired), shown);
        }
    }

    // Written apart from the code under test: each message with calls, and the results of the tool's messages right behind it.
    private static bool IsWhole(IReadOnlyList<ChatMessage> messages)
    {
        var claimed = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var calls = messages[i].Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Order(StringComparer.Ordinal).ToArray();
            if (calls.Length == 0)
            {
                continue;
            }

            var results = messages.Skip(i + 1)
                .TakeWhile(message => message.Role == ChatRole.Tool)
                .SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.CallId).Order(StringComparer.Ordinal).ToArray();
            claimed += results.Length;
            if (!calls.SequenceEqual(results))
            {
                return false;
            }
        }

        return claimed == messages.Sum(message => message.Contents.OfType<FunctionResultContent>().Count());
    }

    /// <summary>All that is no result, in its order.</summary>
    private static IEnumerable<object> Others(IReadOnlyList<ChatMessage> messages) =>
        messages.SelectMany(message => message.Contents).Where(content => content is not FunctionResultContent);

    private static HashSet<object> ResultsGiven(IReadOnlyList<ChatMessage> messages) =>
        messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>()
            .Where(result => result.Result is not TranscriptRepair.MissingResult).ToHashSet<object>(ReferenceEqualityComparer.Instance);

    /// <summary>A result whose id is that of one call and no other result is never lost, wherever it stood.</summary>
    private static bool AnswersKept(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatMessage> repaired)
    {
        var contents = messages.SelectMany(message => message.Contents).ToArray();
        var kept = ResultsGiven(repaired);
        return contents.OfType<FunctionResultContent>()
            .Where(result => contents.OfType<FunctionCallContent>().Count(call => call.CallId == result.CallId) == 1)
            .Where(result => contents.OfType<FunctionResultContent>().Count(other => other.CallId == result.CallId) == 1)
            .All(kept.Contains);
    }

    private static List<ChatMessage> Create(Random random)
    {
        var messages = new List<ChatMessage>();
        var ids = random.Next(1, 6);
        for (var i = random.Next(0, 9); i > 0; i--)
        {
            var role = random.Next(8) switch { 0 => ChatRole.System, 1 or 2 => ChatRole.User, 3 or 4 => ChatRole.Tool, _ => ChatRole.Assistant };
            var contents = new List<AIContent>();
            for (var k = random.Next(0, 4); k > 0; k--)
            {
                contents.Add((random.Next(6), role.Value) switch
                {
                    (0, _) => new TextContent("t"),
                    (1, "assistant") => new TextReasoningContent("r"),
                    (< 5, "assistant") => new FunctionCallContent($"c{random.Next(ids)}", "f"),
                    (_, "system") => new TextContent("s"),
                    (< 4, "user") => new TextContent("u"),
                    _ => new FunctionResultContent($"c{random.Next(ids)}", "r"),
                });
            }

            messages.Add(new ChatMessage(role, contents));
        }

        return messages;
    }
}
