using System.Runtime.CompilerServices;
using AgentHosting.ResponseCaching;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>Whatever shape an answer came in, it is replayed as it was, in either shape.</summary>
public sealed class ResponseCachePropertyTests
{
    [Fact]
    public async Task Replay_RandomAnswersInEveryPairOfShapes_EqualTheOriginal()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var script = Script(random);
            foreach (var (first, second) in new[] { (false, false), (false, true), (true, false), (true, true) })
            {
                using var model = new ScriptClient(script);
                using var cache = new CacheUnderTest(model);
                var asked = Told(await cache.AskAsync(first, "q"), original: false);
                var replayed = Told(await cache.AskAsync(second, "q"), original: true);

                Assert.True(model.Calls == 1 && asked == replayed, $"seed {seed}, answer {i}, streamed {first} then {second}:\n{asked}\n{replayed}");
            }
        }
    }

    private static List<ChatResponseUpdate> Script(Random random)
    {
        var script = new List<ChatResponseUpdate> { new() { Role = ChatRole.Assistant } };
        for (var count = random.Next(1, 12); count > 0; count--)
        {
            AIContent content = random.Next(5) switch
            {
                0 => new TextReasoningContent(Word(random)),
                1 => new UsageContent(new UsageDetails { InputTokenCount = random.Next(9), OutputTokenCount = random.Next(9), CachedInputTokenCount = random.Next(3) }),
                _ => new TextContent(Word(random)),
            };
            script.Add(new ChatResponseUpdate(ChatRole.Assistant, [content]));
        }

        script.Add(new ChatResponseUpdate(ChatRole.Assistant, "end") { FinishReason = ChatFinishReason.Stop });
        foreach (var update in script)
        {
            (update.ResponseId, update.MessageId, update.ModelId) = ("r1", "m1", "some-model");
        }

        return script;
    }

    private static string Word(Random random) => new[] { "", " ", "a ", "\ud83d\ude00", "\n", "\"quoted\" ", "{\"json\":1}", "\u0000", "\u00e9" }[random.Next(9)];

    private static string Told(ChatResponse response, bool original)
    {
        var usage = original ? (UsageDetails?)response.AdditionalProperties!.GetValueOrDefault(ResponseCacheProperties.OriginalUsage) : response.Usage;
        var runs = new List<(string Kind, string Text)>();
        foreach (var content in response.Messages.SelectMany(static message => message.Contents))
        {
            (string Kind, string Text) run = content switch
            {
                TextReasoningContent reasoning => ("reasoning", reasoning.Text),
                TextContent text => ("text", text.Text),
                _ => (content.GetType().Name, ""),
            };
            if (run.Text.Length > 0 && runs.Count > 0 && runs[^1].Kind == run.Kind)
            {
                runs[^1] = (run.Kind, runs[^1].Text + run.Text);
            }
            else if (run.Text.Length > 0)
            {
                runs.Add(run);
            }
        }

        return $"{string.Join('|', runs)} {response.FinishReason} {response.ResponseId} {response.ModelId} "
            + $"{usage?.InputTokenCount} {usage?.OutputTokenCount} {usage?.CachedInputTokenCount} {usage?.TotalTokenCount}";
    }

    private sealed class ScriptClient(List<ChatResponseUpdate> script) : IChatClient
    {
        public int Calls { get; private set; }

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Calls++;
            foreach (var update in script)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return update.Clone();
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
