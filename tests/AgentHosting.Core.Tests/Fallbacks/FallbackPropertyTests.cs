using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

/// <summary>Whatever the models do, the caller reads exactly one attempt, and none is tried twice.</summary>
public sealed class FallbackPropertyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    [InlineData(14, true)]
    public async Task Calls_RandomScripts_ShowOneAttemptAndTryEachOnce(int seed, bool hedged)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            var streaming = random.Next(2) == 0;
            var (a, b, c) = (Pick(random), Pick(random), Pick(random));
            using var models = new FallbackFixture(Turn("a", a), Turn("b", b), Turn("c", c));
            using var client = models.Build(options =>
            {
                if (hedged)
                {
                    options.HedgeAfter = TimeSpan.FromSeconds(2);
                    options.MaxHedges = 2;
                }
            });
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var seen = "";

            var call = client.CallAsync(streaming, cancellationToken: cancel.Token, seen: text => seen += text);
            for (var step = 0; step < 40 && !call.IsCompleted; step++)
            {
                await Task.Yield();
                models.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            // What still stalls, stalls for ever: the caller gives up.
            if (!call.IsCompleted && await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token)) != call)
            {
                await cancel.CancelAsync();
            }

            var exception = await Record.ExceptionAsync(() => call);
            await models.IdleAsync();
            var what = $"seed {seed}, call {i}: {a} {b} {c}, streaming {streaming}: '{seen}', {exception?.GetType().Name}";
            Assert.True(models.A.CallCount <= 1 && models.B.CallCount <= 1 && models.C.CallCount <= 1, what);
            Assert.True(seen.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word[0]).Distinct().Count() <= 1, what);
            if (exception is null)
            {
                Assert.True(seen is "a1 a2 a3" or "b1 b2 b3" or "c1 c2 c3", what);
            }
            else
            {
                Assert.True(cancel.IsCancellationRequested || exception is StreamInterruptedException or AllModelsFailedException, what);
                Assert.True(exception is not AllModelsFailedException || seen.Length == 0, what);
                Assert.True(exception is not StreamInterruptedException interrupted || interrupted.PartialText == seen, what);
            }
        }
    }

    private static string Pick(Random random) => random.Next(6) switch
    {
        0 => "ok",
        1 => "slow",
        2 => "pre",
        3 => "mid",
        4 => "stall",
        _ => "cut",
    };

    private static Func<ScriptedRequest, ScriptedTurn> Turn(string name, string kind)
    {
        var answer = ScriptedTurn.Stream($"{name}1 ", $"{name}2 ", $"{name}3");
        var turn = kind switch
        {
            "ok" => answer,
            "slow" => answer.WithDelay(TimeSpan.FromSeconds(5)),
            "pre" => ScriptedTurn.Fail(503),
            "mid" => answer.WithFault(WireFault.ResetMidStream, 2),
            "stall" => ScriptedTurn.Fault(WireFault.StallBeforeFirstToken),
            _ => answer.WithFault(WireFault.TruncatedStream, 2),
        };
        return _ => turn;
    }
}
