using AgentHosting.Load;
using AgentHosting.Load.Budgets;
using AgentHosting.Load.Crashes;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Load.Guards;
using AgentHosting.Load.HttpRuns;
using AgentHosting.Load.Options;
using AgentHosting.Load.Replicas;
using AgentHosting.Load.Routing;

ILoadScenario[] scenarios =
[
    new HttpRunsScenario(), new RoutingScenario(), new BudgetRaceScenario(), new GuardsScenario(), new CrashScenario(), new CrashWorkerScenario(), new CrashOracleScenario(),
    new ReplicasScenario(), new ReplicaScenario(), new ReplicaOracleScenario(),
];
var scenario = args.Length > 0 ? Array.Find(scenarios, candidate => candidate.Name == args[0]) : null;
if (scenario is null)
{
    Console.Error.WriteLine(args.Length == 0 ? "Name a scenario." : $"There is no scenario '{args[0]}'.");
    Console.Error.WriteLine("Usage: AgentHosting.Load NAME [--option value] ...");
    foreach (var known in scenarios)
    {
        Console.Error.WriteLine();
        Console.Error.WriteLine($"  {known.Name}: {known.Summary}");
        foreach (var option in known.Options)
        {
            Console.Error.WriteLine($"    --{option.Name} ({option.Default}): {option.Meaning}");
        }
    }

    return 2;
}

try
{
    var options = LoadOptions.Parse(scenario.Options, args.AsSpan(1));
    return await scenario.RunAsync(options, new ResultWriter(Console.Out), CancellationToken.None) ? 0 : 1;
}
catch (LoadOptionException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
