using System.Runtime.CompilerServices;
using AgentHosting.Failures;
using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Streaming;

/// <summary>What is held of a stream before its first content is bounded: beyond the bound the stream commits, and a later failure is the caller's.</summary>
public sealed class HeldStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("role", 64)]
    [InlineData("empty text", 64)]
    [InlineData("usage", 64)]
    [InlineData("opaque reasoning of 100 kB", 2)]
    [InlineData("property of 100 kB", 2)]
    [InlineData("property of a content of 100 kB", 2)]
    [InlineData("opaque reasoning of 1 MB", 1)]
    public async Task Open_NoContentComes_HoldsSixtyFourUpdatesOr256KiB(string kind, int held)
    {
        var read = 0;
        await using var stream = await HeldStream.OpenAsync(EndlessAsync(Token), Token);

        Assert.Equal(held, read);

        async IAsyncEnumerable<ChatResponseUpdate> EndlessAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            while (true)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                read++;
                yield return Empty(kind);
            }
        }
    }

    [Fact]
    public async Task Read_RandomStreams_GivesEachUpdateOnceInOrder()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var script = Enumerable.Range(0, random.Next(1, 200)).Select(number => random.Next(4) == 0
                ? new ChatResponseUpdate(ChatRole.Assistant, $"{number} ")
                : Empty(random.Next(3) switch { 0 => "role", 1 => "usage", _ => "opaque reasoning of 100 kB" })).ToList();
            var (fails, finishes) = (random.Next(2) == 0, random.Next(2) == 0);
            script[^1].FinishReason = finishes ? ChatFinishReason.Stop : null;
            var firstContent = script.FindIndex(static update => update.Text.Length > 0);
            var seen = new List<ChatResponseUpdate>();

            var error = await Record.ExceptionAsync(async () =>
            {
                await using var stream = await HeldStream.OpenAsync(PlayAsync(script, fails), Token);
                while (await stream.MoveNextAsync())
                {
                    seen.Add(stream.Current);
                }
            });

            var what = $"seed {seed}, stream {i}: {script.Count} updates, first content {firstContent}, fails {fails}, finishes {finishes}, saw {seen.Count}, {error?.GetType().Name}";
            // All or nothing: either every update was handed on, or the stream failed before it committed and nothing was.
            Assert.True(seen.SequenceEqual(script) || (seen.Count == 0 && firstContent < 0), what);
            Assert.True((error is null) == (finishes && !fails), what);
            if (seen.Count > 0 && error is not null)
            {
                var interrupted = Assert.IsType<StreamInterruptedException>(error);
                Assert.Equal(string.Concat(script.Select(static update => update.Text)), interrupted.PartialText);
                var usage = script.Count(static update => update.Contents.Any(static content => content is UsageContent));
                Assert.Equal(usage == 0 ? null : usage, interrupted.PartialUsage?.InputTokenCount);
            }
        }
    }

    [Theory]
    [InlineData(false, "before its first content, but after more updates without content than are held (64, or 256 KiB)")]
    [InlineData(true, "after part of the answer had been passed on")]
    public async Task Read_FailsBeyondTheBound_SaysWhetherThereWasContent(bool hasContent, string expected)
    {
        List<ChatResponseUpdate> script = [.. Enumerable.Repeat(Empty("role"), 64), .. hasContent ? [new ChatResponseUpdate(ChatRole.Assistant, "half")] : (ChatResponseUpdate[])[]];
        await using var stream = await HeldStream.OpenAsync(PlayAsync(script, fails: true), Token);

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(async () =>
        {
            while (await stream.MoveNextAsync())
            {
            }
        });

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Equal(hasContent ? "half" : "", exception.PartialText);
    }

    [Fact]
    public async Task Open_EndsWithNothingButUsage_TellsTheUsage()
    {
        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(
            async () => await HeldStream.OpenAsync(PlayAsync([Empty("role"), Empty("usage"), Empty("usage")], fails: false), Token));

        Assert.Equal(CompleteAnswer.Empty, exception.Message);
        Assert.Equal(2, exception.PartialUsage?.InputTokenCount);
    }

    private static ChatResponseUpdate Empty(string kind) => kind switch
    {
        "empty text" => new(ChatRole.Assistant, ""),
        "usage" => new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 1 })]),
        "opaque reasoning of 100 kB" => new(ChatRole.Assistant, [new TextReasoningContent(null) { ProtectedData = new string('x', 100_000) }]),
        "opaque reasoning of 1 MB" => new(ChatRole.Assistant, [new TextReasoningContent(null) { ProtectedData = new string('x', 1_000_000) }]),
        "property of 100 kB" => new() { AdditionalProperties = new() { ["provider"] = new string('x', 100_000) } },
        "property of a content of 100 kB" => new(ChatRole.Assistant, [new TextContent("") { AdditionalProperties = new() { ["provider"] = new string('x', 100_000) } }]),
        _ => new() { Role = ChatRole.Assistant },
    };

    private static async IAsyncEnumerable<ChatResponseUpdate> PlayAsync(List<ChatResponseUpdate> script, bool fails)
    {
        foreach (var update in script)
        {
            await Task.Yield();
            yield return update;
        }

        if (fails)
        {
            throw new HttpRequestException("gone");
        }
    }
}
