using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using AgentHosting.Failures;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.CircuitBreakers;

/// <summary>However calls end, a permit comes back: once the model is well, two probes close the circuit.</summary>
public sealed class CircuitBreakerPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Calls_RandomFaults_NeverWedge(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var clock = new FakeTimeProvider();
        var store = new InMemoryCircuitBreakerStore(clock);
        var well = false;
        var picked = new Lock();
        using var model = new ScriptedChatClient(_ =>
        {
            lock (picked)
            {
                return well ? ScriptedTurn.Text("well") : Pick(random);
            }
        });
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddSingleton<ICircuitBreakerStore>(store).BuildServiceProvider();
        using var client = model.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 3 }).Build(services);
        for (var round = 0; round < 60; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallAsync(client, model, picked, random)));
            Assert.Equal(0, model.InFlight);
            clock.Advance(TimeSpan.FromSeconds(random.Next(0, 120)));
        }

        well = true;
        clock.Advance(TimeSpan.FromMinutes(10));
        var answers = new List<Exception?>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add(await Record.ExceptionAsync(() => client.CallAsync(i % 2 == 0)));
        }

        Assert.All(answers, Assert.Null);
        Assert.Equal(0, model.InFlight);
    }

    private static ScriptedTurn Pick(Random random) => random.Next(7) switch
    {
        0 => ScriptedTurn.Text("one two three"),
        1 => ScriptedTurn.Fail(503),
        2 => ScriptedTurn.Fail(400),
        3 => ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(random.Next(0, 60)))),
        4 => ScriptedTurn.Fault(WireFault.ResetMidStream, 1),
        5 => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken),
        _ => ScriptedTurn.Text("cut short").WithoutFinishReason(),
    };

    private static async Task CallAsync(IChatClient client, ScriptedChatClient model, Lock gate, Random random)
    {
        int way, stopAfter;
        lock (gate)
        {
            (way, stopAfter) = (random.Next(4), random.Next(3));
        }

        using var cancel = new CancellationTokenSource();
        var exception = await Record.ExceptionAsync(async () =>
        {
            switch (way)
            {
                case 0:
                    var call = client.CallAsync(streaming: false, cancellationToken: cancel.Token);
                    await cancel.CancelAsync();
                    await call;
                    break;
                case 1:
                    _ = client.GetStreamingResponseAsync("never enumerated", cancellationToken: cancel.Token);
                    break;
                default:
                    await using (var updates = client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).GetAsyncEnumerator(cancel.Token))
                    {
                        for (var i = 0; i <= stopAfter; i++)
                        {
                            var move = updates.MoveNextAsync();
                            if (!move.IsCompleted)
                            {
                                await cancel.CancelAsync();
                            }

                            if (!await move)
                            {
                                break;
                            }
                        }
                    }

                    break;
            }
        });
        Assert.True(
            exception is null or ScriptedHttpException or ProviderException or HttpIOException or OperationCanceledException or CircuitOpenException,
            $"{exception}, {model.CallCount} calls");
    }
}
