using System.Runtime.CompilerServices;
using AgentHosting.RateLimits;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.RateLimits;

public sealed class ModelRateLimitPropertyTests
{
    private const int Requests = 2000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public async Task Call_RandomOutcomesAtOnce_CountsWhatWasUsedAndPassesNoLimit(int callers)
    {
        var seed = Environment.TickCount;
        var (used, made, refused) = (0L, 0L, 0);
        // Each call knows what it will use: some report it, some stream it, some fail.
        var plan = new AsyncLocal<(int Input, int Output, string Outcome)>();
        using var model = new StubChatClient(
            async _ =>
            {
                await Task.Yield();
                var (input, output, outcome) = plan.Value;
                return outcome == "fail"
                    ? throw new ProviderException(500)
                    : new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")) { Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output } };
            },
            _ => StreamAsync(plan.Value, Token));
        using var limit = new RateLimitUnderTest(model, static options => (options.RequestsPerMinute, options.TokensPerMinute) = (Requests / 2, Requests * 10));
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(unchecked(seed + (caller * 7919)));
            for (var i = 0; i < Requests / callers; i++)
            {
                var (input, output) = (random.Next(0, 3), random.Next(0, 30));
                var outcome = random.Next(4) switch { 0 => "fail", 1 => "leave", _ => "end" };
                var streaming = outcome == "leave" || random.Next(2) == 0;
                plan.Value = (input, output, outcome);
                try
                {
                    if (outcome == "leave")
                    {
                        await foreach (var _ in limit.Client.GetStreamingResponseAsync("hi", new ChatOptions { MaxOutputTokens = 30 }, Token))
                        {
                            break;
                        }
                    }
                    else
                    {
                        await limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = 30 });
                    }
                }
                catch (RateLimitedException)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }
                catch (ProviderException)
                {
                    Assert.Equal("fail", outcome);
                }

                Interlocked.Increment(ref made);
                // A failure counts its input, here two characters; a reader that leaves saw the first piece, a single one.
                Interlocked.Add(ref used, outcome switch { "fail" => 2, "leave" => 2 + 1, _ => input + output });
            }
        }, Token)));

        Assert.True(made == await limit.UsedRequestsAsync(), $"seed {seed}: {made} requests made, {await limit.UsedRequestsAsync()} counted");
        Assert.True(used == await limit.UsedTokensAsync(), $"seed {seed}: {used} tokens used, {await limit.UsedTokensAsync()} counted");
        Assert.True(made <= Requests / 2 && used <= Requests * 10 && refused > 0, $"seed {seed}: {made} made, {used} used, {refused} refused");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        (int Input, int Output, string Outcome) plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (plan.Outcome == "fail")
        {
            throw new ProviderException(500);
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, "x");
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = plan.Input, OutputTokenCount = plan.Output })]);
        yield return new ChatResponseUpdate(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop };
    }
}
