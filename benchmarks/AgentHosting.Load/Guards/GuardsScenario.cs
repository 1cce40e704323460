using System.Diagnostics;
using System.Text.Json.Nodes;
using AgentHosting.Guardrails;
using AgentHosting.Load.Options;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Guards;

/// <summary>What the output guard lets through, what it takes for sensitive, and what it costs, through the public pipeline.</summary>
internal sealed class GuardsScenario : ILoadScenario
{
    private const int PieceLength = 5;
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "hi")];

    public string Name => "guards";

    public string Summary => "planted values in streams that are cut at random, false positives, and speed";

    public IReadOnlyList<LoadOption> Options { get; } =
    [
        new("planted", "580", "values that are planted"),
        new("cuts", "10000", "streams that are cut at random"),
        new("sentences", "5000", "ordinary sentences"),
        new("megabytes", "64", "text that the speed is measured over"),
        new("seed", "1", "of values and cuts"),
    ];

    public async Task<bool> RunAsync(LoadOptions options, ResultWriter results, CancellationToken cancellationToken)
    {
        var seed = options.Number("seed");
        using var model = new PiecesChatClient();
        using var client = model.AsBuilder().UseOutputGuard(new OutputGuardOptions()).Build();
        var random = new Random(seed);
        var planted = GuardCorpus.Planted(seed, options.Number("planted"));
        var (leaks, naiveLeaks, differences, prefixes) = (0, 0, 0, 0);
        var wholes = new Dictionary<string, string>();
        foreach (var text in planted)
        {
            var whole = wholes[text.Text] = await WholeAsync(model, client, text.Text, cancellationToken);
            leaks += whole.Contains(text.Value, StringComparison.Ordinal) ? 1 : 0;
        }

        for (var i = 0; i < options.Number("cuts"); i++)
        {
            var text = planted[i % planted.Count];
            var pieces = Cut(text.Text, random);
            model.Updates = [.. pieces.Select(static piece => new ChatResponseUpdate(ChatRole.Assistant, piece)), new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop }];
            var (shown, whole) = (string.Empty, wholes[text.Text]);
            await foreach (var update in client.GetStreamingResponseAsync(Question, cancellationToken: cancellationToken))
            {
                shown += update.Text;
                prefixes += whole.StartsWith(shown, StringComparison.Ordinal) ? 0 : 1;
            }

            differences += shown == whole ? 0 : 1;
            leaks += shown.Contains(text.Value, StringComparison.Ordinal) ? 1 : 0;
            naiveLeaks += string.Concat(pieces.Select(NaiveRedactor.Redact)).Contains(text.Value, StringComparison.Ordinal) ? 1 : 0;
        }

        var sentences = GuardCorpus.Ordinary(seed, options.Number("sentences"));
        var wrong = new JsonArray();
        foreach (var sentence in sentences)
        {
            if (await WholeAsync(model, client, sentence, cancellationToken) != sentence)
            {
                wrong.Add(sentence);
            }
        }

        var clean = Prose(options.Number("megabytes") * 1_000_000);
        var megabytes = await MegabytesPerSecondAsync(model, client, clean, cancellationToken);
        var (guarded, bare) = await NanosecondsPerUpdateAsync(model, client, cancellationToken);
        var naive = NaiveNanoseconds();
        var falsePositives = wrong.Count;
        results.Write(new JsonObject
        {
            ["name"] = Name,
            ["seed"] = seed,
            ["planted"] = planted.Count,
            ["streams"] = options.Number("cuts"),
            ["leaks"] = leaks,
            ["differences"] = differences,
            ["emitted_prefixes"] = prefixes,
            ["naive_leaks"] = naiveLeaks,
            ["sentences"] = sentences.Count,
            ["false_positives"] = falsePositives,
            ["false_positive_list"] = wrong,
            ["mb_per_s"] = Math.Round(megabytes),
            ["ns_per_update"] = Math.Round(guarded - bare, 1),
            ["naive_ns_per_update"] = Math.Round(naive, 1),
        });
        return leaks == 0 && differences == 0 && prefixes == 0 && falsePositives < sentences.Count * 0.005;
    }

    private static async Task<string> WholeAsync(PiecesChatClient model, IChatClient client, string text, CancellationToken cancellationToken)
    {
        model.Text = text;
        return (await client.GetResponseAsync(Question, cancellationToken: cancellationToken)).Text;
    }

    // The best of several runs: other programs share the machine.
    private static async Task<double> MegabytesPerSecondAsync(PiecesChatClient model, IChatClient client, string text, CancellationToken cancellationToken)
    {
        var best = 0.0;
        for (var i = 0; i < 7; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await WholeAsync(model, client, text, cancellationToken);
            best = Math.Max(best, text.Length / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return best;
    }

    private static async Task<(double Guarded, double Bare)> NanosecondsPerUpdateAsync(PiecesChatClient model, IChatClient client, CancellationToken cancellationToken)
    {
        model.Updates = [.. Prose(20_000).Chunk(PieceLength).Select(static piece => new ChatResponseUpdate(ChatRole.Assistant, new string(piece)))];
        var (guarded, bare) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < 60; i++)
        {
            guarded = Math.Min(guarded, await DrainAsync(client, model.Updates.Count, cancellationToken));
            bare = Math.Min(bare, await DrainAsync(model, model.Updates.Count, cancellationToken));
        }

        return (guarded, bare);
    }

    private static async Task<double> DrainAsync(IChatClient client, int updates, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10; i++)
        {
            await foreach (var _ in client.GetStreamingResponseAsync(Question, cancellationToken: cancellationToken))
            {
            }
        }

        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / (10.0 * updates);
    }

    private static double NaiveNanoseconds()
    {
        var pieces = Prose(20_000).Chunk(PieceLength).Select(static piece => new string(piece)).ToList();
        var best = double.MaxValue;
        for (var i = 0; i < 60; i++)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var piece in pieces)
            {
                NaiveRedactor.Redact(piece);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds / pieces.Count);
        }

        return best;
    }

    private static List<string> Cut(string text, Random random)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var next = Math.Min(text.Length, at + random.Next(1, 12));
            pieces.Add(text[at..next]);
            at = next;
        }

        return pieces;
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
