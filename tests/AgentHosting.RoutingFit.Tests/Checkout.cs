namespace AgentHosting.RoutingFit.Tests;

/// <summary>A folder with the files that are read of a checkout of RouteLLM.</summary>
internal sealed class Checkout : IDisposable
{
    public const string Header = "prompt,mistralai/Mixtral-8x7B-Instruct-v0.1,gpt-4-1106-preview";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routing-fit-");

    public RouteLlmFiles Files => new(_folder.FullName);

    public Checkout Gsm8k(string csv, string contaminated = "")
    {
        Write("gsm8k", "gsm8k_responses.csv", csv);
        Write("gsm8k", "contaminated_prompts.jsonl", contaminated);
        return this;
    }

    public Checkout MtBench(string questions, string judgements)
    {
        Write("mt_bench", "contaminated_prompts.jsonl", "");
        Write("mt_bench", "question.jsonl", questions);
        Write("mt_bench", "judgements.jsonl", judgements);
        return this;
    }

    /// <summary>Writes a file of samples.</summary>
    public string Samples(string text)
    {
        var path = Path.Combine(_folder.FullName, "samples.jsonl");
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string set, string file, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "routellm", "evals", set));
        File.WriteAllText(Path.Combine(folder.FullName, file), text);
    }
}
