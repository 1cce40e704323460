using System.Globalization;

namespace AgentHosting.Load.Crashes;

/// <summary>What one run is to do: rounds of tool calls with a model call before each and one at the end. It stands in the run's message, so that the provider needs to know nothing else.</summary>
internal sealed class CrashPlan
{
    public const string Lookup = "lookup";
    public const string Store = "store";
    public const string Charge = "charge";
    public const string Die = "die";
    public const string Ignore = "ignore";
    public const string Block = "block";
    public const string UnknownOutcome = "unknown";

    public required int Number { get; init; }

    /// <summary>The tools of each round.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rounds { get; init; }

    /// <summary>The keys of the steps in the order in which they are done.</summary>
    public IEnumerable<string> Steps
    {
        get
        {
            for (var round = 0; round <= Rounds.Count; round++)
            {
                yield return (round + 1).ToString(CultureInfo.InvariantCulture);
                for (var position = 0; round < Rounds.Count && position < Rounds[round].Count; position++)
                {
                    yield return StepOf(round, position);
                }
            }
        }
    }

    /// <summary>A plan of 3 to 6 steps.</summary>
    public static CrashPlan Of(int number, Random random)
    {
        int[][] shapes = [[1], [2], [1, 1], [1, 2], [2, 1]];
        string[] tools = [Lookup, Store, Charge, Charge];
        var shape = shapes[random.Next(shapes.Length)];
        return new CrashPlan { Number = number, Rounds = [.. shape.Select(count => Enumerable.Range(0, count).Select(_ => tools[random.Next(tools.Length)]).ToArray())] };
    }

    public static CrashPlan Parse(string message)
    {
        var parts = message.Split(": ", 2);
        return new CrashPlan
        {
            Number = int.Parse(parts[0].AsSpan(1), CultureInfo.InvariantCulture),
            Rounds = [.. parts[1].Split(" / ").Select(static round => round.Split(' '))],
        };
    }

    public static string StepOf(int round, int position) => string.Create(CultureInfo.InvariantCulture, $"{round + 1}.{position}");

    /// <summary>What a tool returns.</summary>
    public static string ResultOf(string tool, string item) => $"{tool} {item}";

    /// <summary>What a tool is called with, different in every call of the whole load.</summary>
    public string ItemOf(int round, int position) => string.Create(CultureInfo.InvariantCulture, $"{Number}.{StepOf(round, position)}");

    public string ToMessage() => string.Create(CultureInfo.InvariantCulture, $"#{Number}: {string.Join(" / ", Rounds.Select(static round => string.Join(' ', round)))}");

    /// <summary>The model's last answer: from it one sees what the model was shown.</summary>
    /// <param name="before">The numbers of the runs before it in the conversation.</param>
    /// <param name="results">What the tools returned, in order.</param>
    public string AnswerOf(IEnumerable<int> before, IEnumerable<string> results) =>
        string.Create(CultureInfo.InvariantCulture, $"#{Number} after [{string.Join(' ', before)}]: {string.Join(", ", results)}");

    /// <summary>Whether this is the answer that the run had to come to. Only of a tool with effects may the outcome be unknown.</summary>
    public bool IsAnswer(string? answer, IEnumerable<int> before)
    {
        var head = AnswerOf(before, []);
        if (answer is null || !answer.StartsWith(head, StringComparison.Ordinal))
        {
            return false;
        }

        var results = answer[head.Length..].Split(", ");
        var calls = Calls().ToArray();
        return results.Length == calls.Length
            && results.Zip(calls).All(static pair => pair.First == ResultOf(pair.Second.Tool, pair.Second.Item) || (pair.First == UnknownOutcome && pair.Second.Tool == Charge));
    }

    private IEnumerable<(string Tool, string Item)> Calls() =>
        Rounds.SelectMany((round, number) => round.Select((tool, position) => (tool, ItemOf(number, position))));
}
