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
        var scores = Lines("mt_bench", "judgements.jsonl", static line =>
            (Question: line.GetProperty("question_id").GetInt32(), Model: line.GetProperty("model").GetString(), Score: line.GetProperty("score").GetDouble()))
            .ToLookup(static judgement => (judgement.Question, judgement.Model), static judgement => judgement.Score);
        double Quality(int question, string model) => scores[(question, model)].Average() / BestScore;
        return
        [
            .. from question in Lines("mt_bench", "question.jsonl", static line => (
                   Id: line.GetProperty("question_id").GetInt32(),
                   Category: line.GetProperty("category").GetString(),
                   Turns: line.GetProperty("turns").EnumerateArray().Select(static turn => turn.GetString()!).ToArray()))
               where !question.Turns.Any(contaminated.Contains)
               select new RoutingSample
               {
                   Prompt = question.Turns[0],
                   Subject = "mt-bench/" + question.Category,
                   Weak = Quality(question.Id, WeakModel),
                   Strong = Quality(question.Id, StrongModel),
               },
        ];
    }

    private static IEnumerable<RoutingSample> Outcomes(string file, string subject, HashSet<string> contaminated)
    {
        var rows = new CsvReader(file, File.ReadAllText(file)).Rows().ToArray();
        var header = rows.Length > 0 ? rows[0].Fields : [];
        int prompt = Column("prompt"), weak = Column(WeakModel), strong = Column(StrongModel);
        return rows.Skip(1).Where(row => !contaminated.Contains(row.Fields[prompt])).Select(row => new RoutingSample
        {
            Prompt = row.Fields[prompt],
            Subject = subject,
            Weak = Outcome(row.Line, row.Fields[weak]),
            Strong = Outcome(row.Line, row.Fields[strong]),
        });

        int Column(string name) =>
            Array.IndexOf(header, name) is >= 0 and var index ? index : throw new InvalidDataException($"{file} has no column '{name}'.");

        double Outcome(int line, string text) => text switch
        {
            "True" => 1,
            "False" => 0,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score)
                ? score
                : throw new InvalidDataException($"{file}, line {line}, has the outcome '{text}'. Give True, False or a number."),
        };
    }

    private HashSet<string> Contaminated(string set) =>
        Lines(set, "contaminated_prompts.jsonl", static line => line.GetProperty("eval_prompt").GetString()!).ToHashSet(StringComparer.Ordinal);

    private List<T> Lines<T>(string set, string file, Func<JsonElement, T> read)
    {
        var path = Path.Combine(_evaluations, set, file);
        using var reader = new StreamReader(path);
        return [.. JsonLines.Read(path, reader, read)];
    }
}
