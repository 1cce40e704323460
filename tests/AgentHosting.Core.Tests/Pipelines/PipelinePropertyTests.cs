using System.Diagnostics.Metrics;
using AgentHosting.CircuitBreakers;
using AgentHosting.Core.Tests.Fallbacks;
using AgentHosting.Diagnostics;
using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.Retries;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace AgentHosting.Core.Tests.Pipelines;

/// <summary>The whole pipeline over three models that fail at random.</summary>
public sealed class PipelinePropertyTests
{
    private const int AttemptsPerModel = 3;

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public async Task Calls_SameScriptInBothShapes_EndTheSameWithinTheBoundOfAttempts(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var script = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 4).Select(_ => random.Next(8)).ToArray()).ToArray();
            var maxModels = random.Next(1, 4);

            var whole = await RunAsync(script, maxModels, streaming: false);
            var streamed = await RunAsync(script, maxModels, streaming: true);

            var what = $"seed {seed}, call {i}, {maxModels} models, scripts {string.Join(" | ", script.Select(one => string.Join(',', one)))}: {whole} and {streamed}";
            Assert.True(whole == streamed, what);
            Assert.True(whole.Calls.Max() <= AttemptsPerModel && whole.Calls.Sum() <= AttemptsPerModel * maxModels, what);
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public async Task Calls_CancelledAtAnyPoint_AreNeitherRetriedNorCountedNorAnsweredByAnother(int seed)
    {
        var random = new Random(seed);
        var turn = ScriptedTurn.Text("well");
        using var models = new FallbackFixture(_ => turn, static _ => ScriptedTurn.Text("from b"), static _ => ScriptedTurn.Text("from c"));
        using var client = Build(models, maxModels: 3);
        var calls = 0;
        for (var i = 0; i < 60; i++)
        {
            turn = random.Next(4) switch
            {
                0 => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken),
                1 => ScriptedTurn.Stream("a ", "b ", "c").WithFault(WireFault.StallMidStream, random.Next(1, 3)),
                2 => ScriptedTurn.Stream("a ", "b ", "c").WithChunkDelay(TimeSpan.FromSeconds(1)),
                // In the wait before a retry.
                _ => ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(5)),
            };
            using var cancel = new CancellationTokenSource();
            var call = client.CallAsync(random.Next(2) == 0, cancellationToken: cancel.Token);
            await models.A.WaitForRequestsAsync(++calls, TestContext.Current.CancellationToken);
            await cancel.CancelAsync();

            var error = await Record.ExceptionAsync(() => call);
            await models.IdleAsync();
            Assert.True(error is OperationCanceledException && models.Calls == $"{calls} 0 0", $"seed {seed}, call {i}: {models.Calls}, {error}");

            // The pause that a 429 asked for stands, whoever called.
            models.Clock.Advance(TimeSpan.FromSeconds(6));
        }

        turn = ScriptedTurn.Text("well");
        Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_CancelledWithTheErrorOfASocket_AreNeitherRetriedNorCountedNorAnswered(bool streaming)
    {
        using var first = new AbortedSocketChatClient();
        using var other = new ScriptedChatClient(ScriptedTurn.Text("other")) { Repeat = true };
        using var meters = new ResponseCaching.TestMeterFactory();
        using var attempts = new MetricCollector<long>(meters, AgentHostingDiagnostics.MeterName, "agenthosting.retry.failed_attempts");
        using var services = new ServiceCollection().AddSingleton<IMeterFactory>(meters).BuildServiceProvider();
        using var client = first.AsBuilder()
            .UseProductionDefaults(options =>
            {
                options.Retry = new RetryOptions { BaseDelay = TimeSpan.Zero };
                options.CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 1 };
                // It would turn the error into a cancellation.
                options.Timeout = null;
                options.Fallback = new FallbackOptions { Clients = { other } };
            })
            .Build(services);

        for (var i = 1; i <= 5; i++)
        {
            using var cancel = new CancellationTokenSource();
            var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            // A circuit that had opened would let no call through.
            Assert.Equal((i, 0), (first.Calls, other.CallCount));
        }

        Assert.Empty(attempts.GetMeasurementSnapshot());
    }

    private static async Task<Outcome> RunAsync(int[][] script, int maxModels, bool streaming)
    {
        using var models = new FallbackFixture(Turn(script[0], "a"), Turn(script[1], "b"), Turn(script[2], "c"));
        using var client = Build(models, maxModels);

        var call = client.CallAsync(streaming);
        for (var step = 0; step < 20_000 && !call.IsCompleted; step++)
        {
            await Task.Yield();
            models.Clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        ChatResponse? response = null;
        var error = await Record.ExceptionAsync(async () => response = await call);
        await models.IdleAsync();
        int[] calls = [models.A.CallCount, models.B.CallCount, models.C.CallCount];
        var errors = error is AllModelsFailedException all ? string.Join(", ", all.Attempts.Select(static attempt => $"{attempt.Model} {attempt.Failure.Kind}")) : error?.GetType().Name;
        return new Outcome(response?.Text, response?.Usage?.TotalTokenCount, response?.FinishReason, errors, calls);
    }

    private static IChatClient Build(FallbackFixture models, int maxModels) =>
        new ModelCatalogChatClient(models.Services.GetRequiredService<IModelCatalog>()).AsBuilder()
            .UseProductionDefaults(options => options.Fallback = new FallbackOptions { Models = { "b", "c" }, MaxAttempts = maxModels })
            .Build(models.Services);

    // Faults that act before content: after it a stream has shown something, and the shapes must differ.
    private static Func<ScriptedRequest, ScriptedTurn> Turn(int[] kinds, string name) => request => kinds[request.CallIndex % kinds.Length] switch
    {
        0 or 1 => ScriptedTurn.Text($"one two from {name}").WithUsage(10, 3),
        2 => ScriptedTurn.Fail(400),
        3 => ScriptedTurn.Fail(401),
        4 => ScriptedTurn.Fail(503),
        5 => ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(2)),
        6 => ScriptedTurn.Fault(WireFault.ResetBeforeHeaders),
        _ => ScriptedTurn.Fault(WireFault.GarbageBody),
    };

    private sealed record Outcome(string? Text, long? Tokens, ChatFinishReason? Finish, string? Error, int[] Calls)
    {
        public bool Equals(Outcome? other) =>
            other is not null && (Text, Tokens, Finish, Error) == (other.Text, other.Tokens, other.Finish, other.Error) && Calls.SequenceEqual(other.Calls);

        public override int GetHashCode() => HashCode.Combine(Text, Error);

        public override string ToString() => $"'{Text}' {Tokens} {Finish} {Error} ({string.Join(' ', Calls)})";
    }
}
