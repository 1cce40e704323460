using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class AnswerMemoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Set_MoreThanTheLimit_StaysBelowIt()
    {
        var memory = new AnswerMemory(100_000, _time);
        for (var i = 0; i < 10_000; i++)
        {
            Set(memory, i, new string('x', i % 500));
            Assert.InRange(memory.Size, 0, 100_000);
        }

        Assert.InRange(memory.Count, 50, 200);
    }

    [Fact]
    public void Set_SameKeyAgain_DoesNotGrowForEver()
    {
        var memory = new AnswerMemory(100_000, _time);
        for (var i = 0; i < 10_000; i++)
        {
            Set(memory, 1, $"{i}");
        }

        Assert.InRange(memory.Size, 0, 100_000);
        Assert.Equal(1, memory.Count);
        Assert.Equal("9999", memory.Find(Key(1))!.Messages[0].Contents[0].Text);
    }

    [Fact]
    public void Set_UsedEntry_OutlivesUnusedOnes()
    {
        var memory = new AnswerMemory(20_000, _time);
        Set(memory, -1, "keep");
        for (var i = 0; i < 500; i++)
        {
            Set(memory, i, "x");
            Assert.NotNull(memory.Find(Key(-1)));
        }
    }

    [Fact]
    public void Set_TooLarge_IsNotKept()
    {
        var memory = new AnswerMemory(100_000, _time);
        memory.Set(Key(1), Answer(new string('x', 10_000)), _time.GetUtcNow().AddHours(1), maxEntryBytes: 5_000);

        Assert.Equal(0, memory.Count);
        Assert.Equal(0, memory.Size);
    }

    [Fact]
    public void Find_AfterItsTime_FindsNothing()
    {
        var memory = new AnswerMemory(100_000, _time);
        Set(memory, 1, "x");
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Null(memory.Find(Key(1)));
    }

    private void Set(AnswerMemory memory, int key, string text) => memory.Set(Key(key), Answer(text), _time.GetUtcNow().AddHours(1), 1 << 20);

    private static RequestKey Key(int key) => RequestKey.Of(BitConverter.GetBytes(key));

    private static CachedAnswer Answer(string text) => CachedAnswer.TryCreate(new ChatResponse(new ChatMessage(ChatRole.Assistant, text)), null)!;
}
