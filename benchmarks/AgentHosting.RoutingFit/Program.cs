using AgentHosting.Routing.Evaluation;

string? data = null;
string? output = null;
for (var i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--data":
            data = args[i + 1];
            break;
        case "--out":
            output = args[i + 1];
            break;
        default:
            Console.Error.WriteLine($"There is no option '{args[i]}'. Use --data and --out.");
            return 2;
    }
}

if (data is null || output is null || args.Length % 2 != 0)
{
    Console.Error.WriteLine("Usage: AgentHosting.RoutingFit --data FILE --out src/AgentHosting.Core/ModelRouting/Internal/Complexity/ComplexityWeights.cs");
    Console.Error.WriteLine("FILE holds JSON lines with p (prompt), d (subject), weak and strong (1 where that model answered right); .gz is unpacked.");
    return 2;
}

var samples = RoutingData.Read(data);
File.WriteAllText(output, WeightsSource.Of(ComplexityFit.To(samples)));
Console.WriteLine($"Fitted to {samples.Count} samples. Build again to use the weights in {output}.");
return 0;
