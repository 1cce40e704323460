using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Guards;

/// <summary>What the guard costs, in time of this thread and by the wall clock: the medians of runs that take turns.</summary>
internal sealed class GuardSpeed(PiecesChatClient model, IChatClient client)
{
    private const int PieceLength = 5;
    private const int Runs = 61;
    private const int WholeRuns = 11;
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "hi")];

    /// <summary>Seconds for a whole answer of ordinary text.</summary>
    public async Task<(double Cpu, double Wall)> WholeAsync(int length, CancellationToken cancellationToken)
    {
        model.Text = Prose(length);
        var times = new List<(double Cpu, double Wall)>();
        for (var i = 0; i < WholeRuns; i++)
        {
            times.Add(await TimeAsync(() => client.GetResponseAsync(Question, cancellationToken: cancellationToken)));
        }

        return Median(times);
    }

    /// <summary>Nanoseconds for an update of a stream of ordinary text: what the guard adds, and what expressions over each piece take.</summary>
    public async Task<((double Cpu, double Wall) Guard, (double Cpu, double Wall) Naive)> UpdateAsync(CancellationToken cancellationToken)
    {
        var pieces = Prose(20_000).Chunk(PieceLength).Select(static piece => new string(piece)).ToList();
        model.Updates = [.. pieces.Select(static piece => new ChatResponseUpdate(ChatRole.Assistant, piece))];
        var (guarded, bare, naive) = (new List<(double Cpu, double Wall)>(), new List<(double Cpu, double Wall)>(), new List<(double Cpu, double Wall)>());
        for (var i = -Runs / 2; i < Runs; i++)
        {
            var times = (await TimeAsync(() => DrainAsync(client, cancellationToken)), await TimeAsync(() => DrainAsync(model, cancellationToken)), await TimeAsync(() => RedactAsync(pieces)));
            if (i >= 0)
            {
                guarded.Add(times.Item1);
                bare.Add(times.Item2);
                naive.Add(times.Item3);
            }
        }

        var (with, without, expressions) = (Median(guarded), Median(bare), Median(naive));
        var updates = 10 * pieces.Count / 1e9;
        return (((with.Cpu - without.Cpu) / updates, (with.Wall - without.Wall) / updates), (expressions.Cpu / updates, expressions.Wall / updates));
    }

    private static async Task<(double Cpu, double Wall)> TimeAsync(Func<Task> action)
    {
        var (cpu, wall) = (ThreadClock.Now, Stopwatch.GetTimestamp());
        var thread = Environment.CurrentManagedThreadId;
        await action();
        if (thread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException("The answer came on another thread, whose time says nothing of this one's.");
        }

        return ((ThreadClock.Now - cpu).TotalSeconds, Stopwatch.GetElapsedTime(wall).TotalSeconds);
    }

    private static (double Cpu, double Wall) Median(List<(double Cpu, double Wall)> times) =>
        (times.Select(static time => time.Cpu).Order().ElementAt(times.Count / 2), times.Select(static time => time.Wall).Order().ElementAt(times.Count / 2));

    private static async Task DrainAsync(IChatClient client, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 10; i++)
        {
            await foreach (var _ in client.GetStreamingResponseAsync(Question, cancellationToken: cancellationToken))
            {
            }
        }
    }

    private static Task RedactAsync(List<string> pieces)
    {
        for (var i = 0; i < 10; i++)
        {
            foreach (var piece in pieces)
            {
                NaiveRedactor.Redact(piece);
            }
        }

        return Task.CompletedTask;
    }

    // Ordinary English with a number, an hour and a bracket now and then.
    private static string Prose(int length)
    {
        const string Text = "The committee met on Tuesday to discuss the new library, which is to open in 2027. It will hold about 40,000 books (most of them old), and a reading "
            + "room for children. Visitors may come from 9:30 to 18:00; on Sundays it stays closed. Nobody objected, though one member asked how much it would cost to heat. "
            + "\"Less than you think\", said the architect, and showed a drawing of the roof - wide, flat and covered with grass. ";
        return string.Create(length, Text, static (span, text) =>
        {
            for (var at = 0; at < span.Length; at += text.Length)
            {
                text.AsSpan(0, Math.Min(text.Length, span.Length - at)).CopyTo(span[at..]);
            }
        });
    }
}
