using System.Text.Json.Nodes;
using AgentHosting.Guardrails;
using AgentHosting.Load.Options;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Guards;

/// <summary>What the output guard lets through, what it takes for sensitive, and what it costs, through the public pipeline.</summary>
internal sealed class GuardsScenario : ILoadScenario
{
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
            await foreach (var one in client.GetStreamingResponseAsync(Question, cancellationToken: cancellationToken))
            {
                shown += one.Text;
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

        var speed = new GuardSpeed(model, client);
        var megabytes = options.Number("megabytes");
        var seconds = await speed.WholeAsync(megabytes * 1_000_000, cancellationToken);
        var (update, naive) = await speed.UpdateAsync(cancellationToken);
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
            ["mb_per_s"] = Math.Round(megabytes / seconds.Cpu),
            ["mb_per_s_wall"] = Math.Round(megabytes / seconds.Wall),
            ["ns_per_update"] = Math.Round(update.Cpu, 1),
            ["ns_per_update_wall"] = Math.Round(update.Wall, 1),
            ["naive_ns_per_update"] = Math.Round(naive.Cpu, 1),
            ["naive_ns_per_update_wall"] = Math.Round(naive.Wall, 1),
        });
        return leaks == 0 && differences == 0 && prefixes == 0 && falsePositives < sentences.Count * 0.005;
    }

    private static async Task<string> WholeAsync(PiecesChatClient model, IChatClient client, string text, CancellationToken cancellationToken)
    {
        model.Text = text;
        return (await client.GetResponseAsync(Question, cancellationToken: cancellationToken)).Text;
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
}
