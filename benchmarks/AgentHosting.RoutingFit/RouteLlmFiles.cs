using System.Globalization;
using System.Text.Json;
using AgentHosting.Routing.Evaluation;

namespace AgentHosting.RoutingFit;

/// <summary>
/// Reads the outcomes of a weak and a strong model from a checkout of github.com/lm-sys/RouteLLM (Apache-2.0), without the prompts which that project
/// lists as contaminated.
/// </summary>
/// <param name="checkout">The folder of the checkout.</param>
internal sealed class RouteLlmFiles(string checkout)
{
    private const string WeakModel = "mistralai/Mixtral-8x7B-Instruct-v0.1";
    private const string StrongModel = "gpt-4-1106-preview";
    private const string MmluFile = "mmlu_";
    private const double BestScore = 10;
    private readonly string _evaluations = Path.Combine(checkout, "routellm", "evals");

    /// <summary>Multiple choice; the subject is that of the file.</summary>
    public IReadOnlyList<RoutingSample> Mmlu()
    {
        var contaminated = Contaminated("mmlu");
        return
        [
            .. Directory.EnumerateFiles(Path.Combine(_evaluations, "mmlu", "responses"), MmluFile + "*.csv").Order(StringComparer.Ordinal)
                .SelectMany(file => Outcomes(file, Path.GetFileNameWithoutExtension(file)[MmluFile.Length..], contaminated)),
        ];
    }

    /// <summary>Word problems of school mathematics, answered in free text.</summary>
    public IReadOnlyList<RoutingSample> Gsm8k() =>
        [.. Outcomes(Path.Combine(_evaluations, "gsm8k", "gsm8k_responses.csv"), "gsm8k", Contaminated("gsm8k"))];

    /// <summary>Open requests of two turns. As there, the first turn is ranked, and the quality is the mean of the judge's scores for both turns.</summary>
    public IReadOnlyList<RoutingSample> MtBench()
    {
        var contaminated = Contaminated("mt_bench");
        var scores = Lines("mt_bench", "judgements.jsonl")
            .ToLookup(line => (line.GetProperty("question_id").GetInt32(), line.GetProperty("model").GetString()), line => line.GetProperty("score").GetDouble());
        double Quality(int question, string model) => scores[(question, model)].Average() / BestScore;
        return
        [
            .. from line in Lines("mt_bench", "question.jsonl")
               let turns = line.GetProperty("turns").EnumerateArray().Select(turn => turn.GetString()!).ToArray()
               where !turns.Any(contaminated.Contains)
               let question = line.GetProperty("question_id").GetInt32()
               select new RoutingSample
               {
                   Prompt = turns[0],
                   Subject = "mt-bench/" + line.GetProperty("category").GetString(),
                   Weak = Quality(question, WeakModel),
                   Strong = Quality(question, StrongModel),
               },
        ];
    }

    private static IEnumerable<RoutingSample> Outcomes(string file, string subject, HashSet<string> contaminated)
    {
        var rows = CsvRows.Of(File.ReadAllText(file)).ToArray();
        int prompt = Column(rows[0], "prompt"), weak = Column(rows[0], WeakModel), strong = Column(rows[0], StrongModel);
        return rows.Skip(1).Where(row => !contaminated.Contains(row[prompt]))
            .Select(row => new RoutingSample { Prompt = row[prompt], Subject = subject, Weak = Outcome(row[weak]), Strong = Outcome(row[strong]) });

        int Column(string[] header, string name) =>
            Array.IndexOf(header, name) is >= 0 and var index ? index : throw new InvalidDataException($"{file} has no column '{name}'.");

        double Outcome(string text) => text switch
        {
            "True" => 1,
            "False" => 0,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };
    }

    private HashSet<string> Contaminated(string set) =>
        Lines(set, "contaminated_prompts.jsonl").Select(line => line.GetProperty("eval_prompt").GetString()!).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<JsonElement> Lines(string set, string file) =>
        File.ReadLines(Path.Combine(_evaluations, set, file)).Where(line => line.Length > 0).Select(line => JsonElement.Parse(line));
}
