using AgentHosting.ModelRouting.Internal;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class LatencyPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task InFlight_ManyCallsAtOnceThatEndAnyhow_IsStartedLessFinishedAndNeverNegative(int seed)
    {
        var clock = new FakeTimeProvider();
        var model = new ModelLatency(clock, TimeSpan.FromSeconds(30));
        var (started, finished, wrong) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(
            () =>
            {
                var random = new Random(seed + (100 * thread));
                var open = new Queue<LatencyProbe>();
                for (var i = 0; i < 20_000; i++)
                {
                    if (open.Count == 0 || random.Next(2) == 0)
                    {
                        Interlocked.Increment(ref started);
                        open.Enqueue(new LatencyProbe(model, clock, random.Next(2) == 0));
                    }
                    else
                    {
                        End(open.Dequeue(), random);
                        Interlocked.Increment(ref finished);
                    }

                    // Read in this order: at most as many have begun, at least as many have ended, as are read.
                    var ended = Volatile.Read(ref finished);
                    var inFlight = model.InFlight;
                    if (inFlight < 0 || inFlight > Volatile.Read(ref started) - ended + 8)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }

                while (open.TryDequeue(out var probe))
                {
                    End(probe, random);
                }
            },
            TestContext.Current.CancellationToken)));

        Assert.True(wrong == 0 && model.InFlight == 0, $"seed {seed}: wrong {wrong} times, {model.InFlight} in flight at the end");
    }

    private static void End(LatencyProbe probe, Random random)
    {
        if (random.Next(3) == 0)
        {
            probe.Failed();
        }
        else
        {
            probe.Answered((AnswerSource)random.Next(3));
        }

        // A caller may dispose a stream that has ended by itself.
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            probe.Dispose();
        }
    }
}
